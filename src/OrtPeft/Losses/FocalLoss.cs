using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Focal loss (Lin et al., arXiv 1708.02002): -(1 - p)^gamma log p of the right label, p = softmax(scores); mean over the items.</summary>
static class FocalLoss
{
    internal const string Name = "focal";

    internal static string Build(GraphBuilder g, string scores, string oneHot, string? weights, float gamma)
    {
        var log = g.ReduceSum(g.Mul(g.LogSoftmax(scores, axis: -1), oneHot), axes: [-1], keepDims: false);
        return g.Neg(Losses.Mean(g, g.Mul(Modulation(g, log, gamma), log), weights));
    }

    /// <summary>(1 - p)^gamma from log p; a hair above 0, where a power below 1 would have no gradient.</summary>
    internal static string Modulation(GraphBuilder g, string logProbability, float gamma) =>
        g.Pow(g.Add(g.Sub(g.Constant(1f), g.Exp(logProbability)), 1e-7), g.Constant(gamma));
}
