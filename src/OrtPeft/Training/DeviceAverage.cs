using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The moving average of the values on the device where they are: average' = average + take (value - average).</summary>
sealed class DeviceAverage : IDisposable
{
    const string TakeInput = "take";

    readonly InPlaceGraph _graph;

    internal DeviceAverage(TrainingBuffers buffers, OrtValue[] averages, IReadOnlyList<TrainedTensor> tensors, ExecutionOptions execution)
    {
        var g = new GraphBuilder(HeadGraph.Opset, "average");
        var take = g.Input(TakeInput, OnnxType.Float);
        foreach (var tensor in tensors)
        {
            Dim[] shape = [.. tensor.Shape.Select(d => (Dim)d)];
            var value = g.Input(tensor.Name, OnnxType.Float, shape);
            var average = g.Input(OptimizerGraph.MomentName(tensor.Name, TrainingState.Average.Name), OnnxType.Float, shape);
            g.Output(g.Add(average, g.Mul(g.Sub(value, average), take)), OptimizerGraph.Next(average));
        }
        _graph = new InPlaceGraph(g.Build(), execution, TakeInput);
        for (var i = 0; i < tensors.Count; i++)
        {
            var average = OptimizerGraph.MomentName(tensors[i].Name, TrainingState.Average.Name);
            _graph.Read(tensors[i].Name, buffers.Values[i]);
            _graph.Read(average, averages[i]);
            _graph.Write(OptimizerGraph.Next(average), averages[i]);
        }
    }

    internal void Move(float take) => _graph.Run(take);

    public void Dispose() => _graph.Dispose();
}
