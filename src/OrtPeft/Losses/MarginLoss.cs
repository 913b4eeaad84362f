using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Triplet margin loss with the task vector as anchor (Y-Tuning, arXiv 2202.09817): the sum over wrong labels c' of
/// max(0, score(c') - score(gold) + margin), mean over the batch.
/// </summary>
static class MarginLoss
{
    internal static string Build(GraphBuilder g, string scores, string oneHot, float margin, string? weights = null)
    {
        var gold = g.ReduceSum(g.Mul(scores, oneHot), axes: [1]);
        var excess = g.Relu(g.Add(g.Sub(scores, gold), margin));
        var wrong = g.Sub(g.Constant(1f), oneHot);
        return Losses.Mean(g, g.ReduceSum(g.Mul(excess, wrong), axes: [1], keepDims: false), weights);
    }
}
