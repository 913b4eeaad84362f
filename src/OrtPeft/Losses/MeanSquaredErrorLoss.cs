using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>(score - target)^2, mean over examples and outputs.</summary>
static class MeanSquaredErrorLoss
{
    internal const string Name = "mse";

    internal static string Build(GraphBuilder g, string scores, string target, string? weights = null)
    {
        var difference = g.Sub(scores, target);
        return BinaryItems.Mean(g, g.Mul(difference, difference), weights);
    }
}
