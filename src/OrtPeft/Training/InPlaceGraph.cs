using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// A graph over tensors that stay where they are, on a device or not: it reads and writes them in place, and only scalars go in. A tensor may be both
/// read and written where the graph reads it on the way to its own next value alone.
/// </summary>
sealed class InPlaceGraph : IDisposable
{
    readonly InferenceSession _session;
    readonly OrtIoBinding _binding;
    readonly RunOptions _runOptions = new();
    readonly (string Name, float[] Value, OrtValue Tensor)[] _scalars;

    /// <param name="graph">The graph.</param>
    /// <param name="execution">Where it runs.</param>
    /// <param name="scalars">Its inputs that are float32 scalars.</param>
    internal InPlaceGraph(OnnxModel graph, ExecutionOptions execution, params string[] scalars)
    {
        _session = OrtSession.FromBytes(graph.ToBytes(), execution.EffectiveThreads, execution);
        _binding = _session.CreateIoBinding();
        _scalars = [.. scalars.Select(name => (name, new float[1])).Select(s => (s.name, s.Item2, OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, s.Item2.AsMemory(), [])))];
    }

    internal void Read(string input, OrtValue tensor) => _binding.BindInput(input, tensor);

    internal void Write(string output, OrtValue tensor) => _binding.BindOutput(output, tensor);

    internal void Run(params ReadOnlySpan<float> scalars)
    {
        for (var i = 0; i < _scalars.Length; i++)
        {
            _scalars[i].Value[0] = scalars[i];
            // Anew each time: binding is when a device gets its copy.
            _binding.BindInput(_scalars[i].Name, _scalars[i].Tensor);
        }
        _session.RunWithBinding(_runOptions, _binding);
    }

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var scalar in _scalars)
            scalar.Tensor.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }
}
