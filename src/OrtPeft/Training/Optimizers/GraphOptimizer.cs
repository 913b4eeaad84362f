using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Runs an <see cref="OptimizerGraph"/>: any optimizer, on any execution provider.</summary>
sealed class GraphOptimizer : IOptimizer
{
    readonly InferenceSession _session;
    readonly OrtIoBinding _binding;
    readonly RunOptions _runOptions = new();
    readonly float[] _learningRate = new float[1];
    readonly float[] _step = new float[1];
    readonly OrtValue _learningRateValue;
    readonly OrtValue _stepValue;

    internal GraphOptimizer(TrainingBuffers buffers, OrtValue[] gradients, IReadOnlyList<TrainedTensor> tensors, TrainingOptions options, ExecutionOptions execution)
    {
        var moments = Optimizers.Get(options.Optimizer).Moments;
        _session = OrtSession.FromBytes(OptimizerGraph.Build(tensors, options).ToBytes(), execution.EffectiveThreads);
        _binding = _session.CreateIoBinding();
        _learningRateValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _learningRate.AsMemory(), []);
        _stepValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _step.AsMemory(), []);
        _binding.BindInput(OptimizerGraph.LearningRateInput, _learningRateValue);
        _binding.BindInput(OptimizerGraph.StepInput, _stepValue);
        for (var i = 0; i < buffers.Count; i++)
        {
            var name = buffers.Name(i);
            _binding.BindInput(TrainingGraph.Gradient(name), gradients[i]);
            InPlace(name, buffers.Values[i]);
            for (var m = 0; m < moments.Length; m++)
                InPlace(OptimizerGraph.MomentName(name, moments[m].Name), buffers.Moments[m][i]);
        }

        void InPlace(string name, OrtValue buffer)
        {
            _binding.BindInput(name, buffer);
            _binding.BindOutput(OptimizerGraph.Next(name), buffer);
        }
    }

    public void Apply(float learningRate, long step)
    {
        _learningRate[0] = learningRate;
        _step[0] = step;
        _session.RunWithBinding(_runOptions, _binding);
    }

    public void Dispose()
    {
        _binding.Dispose();
        _learningRateValue.Dispose();
        _stepValue.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }
}
