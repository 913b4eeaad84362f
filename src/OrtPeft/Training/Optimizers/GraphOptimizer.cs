using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Runs an <see cref="OptimizerGraph"/>: any optimizer, on any execution provider.</summary>
sealed class GraphOptimizer : IOptimizer
{
    readonly InPlaceGraph _graph;

    internal GraphOptimizer(TrainingBuffers buffers, OrtValue[] gradients, IReadOnlyList<TrainedTensor> tensors, TrainingOptions options, ExecutionOptions execution)
    {
        var moments = Optimizers.Get(options.Optimizer).Moments;
        _graph = new InPlaceGraph(OptimizerGraph.Build(tensors, options), execution, OptimizerGraph.LearningRateInput, OptimizerGraph.StepInput);
        for (var i = 0; i < buffers.Count; i++)
        {
            var name = buffers.Name(i);
            _graph.Read(TrainingGraph.Gradient(name), gradients[i]);
            InPlace(name, buffers.Values[i]);
            for (var m = 0; m < moments.Length; m++)
                InPlace(OptimizerGraph.MomentName(name, moments[m].Name), buffers.Moments[m][i]);
        }

        void InPlace(string name, OrtValue buffer)
        {
            _graph.Read(name, buffer);
            _graph.Write(OptimizerGraph.Next(name), buffer);
        }
    }

    public void Apply(float learningRate, long step) => _graph.Run(learningRate, step);

    public void Dispose() => _graph.Dispose();
}
