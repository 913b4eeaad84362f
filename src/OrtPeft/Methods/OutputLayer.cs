using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The last layer of a head: scores = x W^T + b with W [outputs, width]. Ordered levels share one direction, W [1, width], and have a
/// threshold each, b [levels - 1] (proportional odds; McCullagh 1980), so that their order cannot be contradicted.
/// </summary>
static class OutputLayer
{
    internal const string Weight = "classifier.weight";
    internal const string Bias = "classifier.bias";

    internal static IEnumerable<TrainedTensor> Tensors(LearningTask task, int width, long seed)
    {
        var ordered = task.Target == TargetKind.Level;
        yield return TrainedTensor.Normal(Weight, 0.02, seed, ordered ? 1 : task.Outputs, width);
        yield return ordered ? Thresholds(task.Outputs) : TrainedTensor.Constant(Bias, 0, task.Outputs);
    }

    /// <summary>Scores of <paramref name="x"/>, [batch, width] or [batch, sequence, width].</summary>
    internal static string Scores(GraphBuilder g, LearningTask task, string x)
    {
        if (g.RankOf(x) == 2 && task.Target != TargetKind.Level)
            return g.Gemm(x, Weight, Bias, transB: true);
        return g.Add(g.MatMul(x, g.Transpose(Weight, [1, 0])), Bias);
    }

    /// <summary>Thresholds that make all levels equally likely where x W^T is 0: b_k = logit P(level > k).</summary>
    static TrainedTensor Thresholds(int count)
    {
        var bias = TrainedTensor.Constant(Bias, 0, count);
        for (var k = 0; k < count; k++)
            bias.Values[k] = MathF.Log((count - k) / (k + 1f));
        return bias;
    }
}
