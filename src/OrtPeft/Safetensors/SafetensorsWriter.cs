using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>Writes safetensors files atomically. The same tensors in the same order always give the same bytes.</summary>
sealed class SafetensorsWriter
{
    readonly List<(string Name, string DType, long[] Shape, ReadOnlyMemory<byte> Data)> _tensors = [];
    readonly Dictionary<string, string> _metadata = [];

    internal SafetensorsWriter Metadata(string key, string value)
    {
        _metadata[key] = value;
        return this;
    }

    internal SafetensorsWriter Add(string name, float[] values, params long[] shape) => Add(name, "F32", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), shape);

    internal SafetensorsWriter Add(string name, long[] values, params long[] shape) => Add(name, "I64", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), shape);

    /// <summary>Adds raw little-endian bytes; the memory is read when the file is written.</summary>
    internal SafetensorsWriter Add(string name, string dtype, ReadOnlyMemory<byte> data, params long[] shape)
    {
        var elements = shape.Aggregate(1L, (a, b) => checked(a * b));
        if (elements * SafetensorsEntry.ElementSizes[dtype] != data.Length)
            throw new ArgumentException($"Tensor '{name}' of {dtype} [{string.Join(", ", shape)}] cannot have {data.Length} bytes.", nameof(data));
        _tensors.Add((name, dtype, shape, data));
        return this;
    }

    /// <summary>Stores the CRC-32C of all tensors' bytes in the metadata, for <see cref="SafetensorsFile.VerifyChecksum"/>.</summary>
    internal SafetensorsWriter WithChecksum() =>
        Metadata(SafetensorsFile.ChecksumKey, Crc32C.Format(_tensors.Aggregate(0u, (crc, tensor) => Crc32C.Compute(tensor.Data.Span, crc))));

    internal void Write(string path) => AtomicFile.Write(path, WriteTo);

    internal void WriteTo(Stream stream)
    {
        stream.Write(SafetensorsHeader.Write(_metadata, _tensors.Select(t => (t.Name, t.DType, t.Shape, (long)t.Data.Length))));
        foreach (var (_, _, _, data) in _tensors)
            stream.Write(data.Span);
    }
}
