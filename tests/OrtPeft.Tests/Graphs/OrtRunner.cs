using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>Runs a model in ONNX Runtime.</summary>
static class OrtRunner
{
    internal static Dictionary<string, TestTensor> Run(
        OnnxModel model, IReadOnlyDictionary<string, TestTensor> feeds, GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_ALL) =>
        Run(model.ToBytes(), feeds, level);

    internal static Dictionary<string, TestTensor> Run(
        byte[] model, IReadOnlyDictionary<string, TestTensor> feeds, GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_ALL)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, GraphOptimizationLevel = level, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model, options);
        return Run(session, feeds);
    }

    internal static Dictionary<string, TestTensor> Run(
        InferenceSession session, IReadOnlyDictionary<string, TestTensor> feeds, IReadOnlyList<string>? wanted = null)
    {
        wanted ??= session.OutputNames;
        var inputs = feeds.Where(f => session.InputMetadata.ContainsKey(f.Key)).ToDictionary(f => f.Key, f => ToOrt(f.Value));
        using var run = new RunOptions();
        using var outputs = session.Run(run, inputs, wanted);
        var results = wanted.Zip(outputs, (name, value) => (name, FromOrt(value))).ToDictionary(r => r.name, r => r.Item2);
        foreach (var input in inputs.Values)
            input.Dispose();
        return results;
    }

    static OrtValue ToOrt(TestTensor tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.Type, tensor.Shape);
        tensor.Bytes.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    static TestTensor FromOrt(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return new TestTensor((OnnxType)info.ElementDataType, info.Shape, value.GetTensorMutableRawData().ToArray());
    }
}
