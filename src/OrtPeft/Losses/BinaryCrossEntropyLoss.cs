using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>-t log sigmoid(s) - (1 - t) log(1 - sigmoid(s)) = softplus(s) - s t, mean over examples and outputs.</summary>
static class BinaryCrossEntropyLoss
{
    internal const string Name = "binary-cross-entropy";

    internal static string Build(GraphBuilder g, string scores, string target, string? weights = null) => BinaryItems.Mean(g, Items(g, scores, target), weights);

    internal static string Items(GraphBuilder g, string scores, string target) => g.Sub(g.Node("Softplus", [scores]), g.Mul(scores, target));
}

/// <summary>Items [batch, outputs], with a weight for each item or for each example.</summary>
static class BinaryItems
{
    internal static string Mean(GraphBuilder g, string items, string? weights) =>
        Losses.Mean(g, weights is not null && g.RankOf(weights) < g.RankOf(items) ? g.ReduceMean(items, axes: [-1], keepDims: false) : items, weights);
}
