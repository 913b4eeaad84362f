using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Focal loss on sigmoid outputs: (1 - p)^gamma times binary cross-entropy, p the probability given to the right one of yes and no.</summary>
static class BinaryFocalLoss
{
    internal const string Name = "binary-focal";

    internal static string Build(GraphBuilder g, string scores, string target, string? weights, float gamma)
    {
        var items = BinaryCrossEntropyLoss.Items(g, scores, target);
        return BinaryItems.Mean(g, g.Mul(FocalLoss.Modulation(g, g.Neg(items), gamma), items), weights);
    }
}
