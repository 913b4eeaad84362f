using System.Runtime.InteropServices;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>ONNX Runtime's adapter files (`.onnx_adapter`; onnxruntime, lora_format.fbs): named tensors that one run brings as inputs.</summary>
static class OnnxAdapterFile
{
    internal const string Identifier = "TORT";

    /// <summary>The only version that runtimes read.</summary>
    internal const int FormatVersion = 1;

    /// <summary>Slots of the root table.</summary>
    internal static class Root
    {
        internal const int FormatVersion = 0, AdapterVersion = 1, ModelVersion = 2, Parameters = 3;
    }

    /// <summary>Slots of a parameter.</summary>
    internal static class Parameter
    {
        internal const int Name = 0, Dims = 1, DataType = 2, RawData = 3;
    }

    /// <summary>Writes tensors, sorted by name as the runtime does. Adapter and model version are not checked by it; both are 1.</summary>
    internal static void Write(string path, IEnumerable<OnnxTensor> tensors)
    {
        using var file = FlatWriter.File(Identifier, new FlatValue.Table(
            FlatValue.Of(FormatVersion),
            FlatValue.Of(1),
            FlatValue.Of(1),
            new FlatValue.Tables([.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal).Select(Table)])));
        AtomicFile.Write(path, file.WriteTo);
    }

    static FlatValue.Table Table(OnnxTensor tensor) => new(
        new FlatValue.Text(tensor.Name),
        new FlatValue.Vector(MemoryMarshal.AsBytes(tensor.Dims.AsSpan()).ToArray(), 8, 8),
        FlatValue.Of((int)tensor.ElementType),
        new FlatValue.Vector(tensor.ToBytes(), 1, 16));
}
