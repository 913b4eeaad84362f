using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtPeft;

/// <summary>Loss and gradients of one micro-batch. Several share a session and the trained values, and run at once.</summary>
sealed class GradientWorker : IDisposable
{
    readonly InferenceSession _session;
    readonly OrtIoBinding _binding;
    readonly RunOptions _runOptions = new();
    readonly OrtValue _loss = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, []);

    internal GradientWorker(InferenceSession session, TrainingBuffers buffers)
    {
        _session = session;
        Gradients = buffers.Allocate();
        _binding = session.CreateIoBinding();
        _binding.BindOutput(TrainingGraph.LossOutput, _loss);
        for (var i = 0; i < buffers.Count; i++)
        {
            _binding.BindInput(buffers.Name(i), buffers.Values[i]);
            _binding.BindOutput(TrainingGraph.Gradient(buffers.Name(i)), Gradients[i]);
        }
    }

    /// <summary>Filled by <see cref="Run"/>.</summary>
    internal OrtValue[] Gradients { get; }

    /// <summary>Runs on <paramref name="inputs"/>, which are disposed, and returns the loss.</summary>
    internal float Run(IEnumerable<(string Name, OrtValue Value)> inputs)
    {
        var values = new List<OrtValue>();
        try
        {
            foreach (var (name, value) in inputs)
            {
                values.Add(value);
                _binding.BindInput(name, value);
            }
            _session.RunWithBinding(_runOptions, _binding);
            return _loss.GetTensorDataAsSpan<float>()[0];
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        _loss.Dispose();
        foreach (var gradient in Gradients)
            gradient.Dispose();
        _runOptions.Dispose();
    }
}
