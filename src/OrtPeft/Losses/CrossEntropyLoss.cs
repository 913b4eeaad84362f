using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>-sum_c t_c log softmax(scores)_c, mean over the items; with smoothing e over K labels t becomes (1 - e) t + e / K.</summary>
static class CrossEntropyLoss
{
    internal const string Name = "cross-entropy";

    internal static string Build(GraphBuilder g, string scores, string oneHot, string? weights = null, float smoothing = 0)
    {
        if (smoothing > 0)
            oneHot = g.Add(g.Mul(oneHot, 1 - smoothing), smoothing / g.ShapeOf(scores)[^1].Value);
        var gold = g.ReduceSum(g.Mul(g.LogSoftmax(scores, axis: -1), oneHot), axes: [-1], keepDims: false);
        return g.Neg(Losses.Mean(g, gold, weights));
    }
}
