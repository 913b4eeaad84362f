using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Operators that are sums of simpler ones are written out before differentiation, so that their gradient needs no rule of its own.
/// Only nodes that a gradient must pass are touched; the frozen part keeps its fused operators.
/// </summary>
static class Unfusing
{
    /// <summary>For each operator what writes it in simpler ones; returns the tensors that take the place of its outputs.</summary>
    internal static readonly IReadOnlyDictionary<string, Func<UnfuseScope, string?[]>> Table = new Dictionary<string, Func<UnfuseScope, string?[]>>
    {
        ["BatchNormalization"] = UnfuseNormalization.Batch,
        ["InstanceNormalization"] = UnfuseNormalization.Instance,
        ["GroupNormalization"] = UnfuseNormalization.Group,
        ["SimplifiedLayerNormalization"] = UnfuseNormalization.Rms,
        ["Attention"] = UnfuseAttention.Standard,
        ["RotaryEmbedding"] = UnfuseRotary.Standard,
        ["com.microsoft.Attention"] = UnfuseMicrosoftAttention.Packed,
        ["com.microsoft.MultiHeadAttention"] = UnfuseMicrosoftAttention.MultiHead,
        ["com.microsoft.SkipLayerNormalization"] = UnfuseNormalization.SkipLayer,
        ["com.microsoft.SkipSimplifiedLayerNormalization"] = UnfuseNormalization.SkipRms,
        ["com.microsoft.SimplifiedLayerNormalization"] = UnfuseNormalization.Rms,
        ["com.microsoft.EmbedLayerNormalization"] = UnfuseEmbedding.Build,
        ["com.microsoft.QuickGelu"] = UnfuseActivations.QuickGelu,
        ["com.microsoft.FusedMatMul"] = UnfuseProducts.FusedMatMul,
        ["com.microsoft.FusedGemm"] = UnfuseProducts.FusedGemm,
    };

    internal static void Apply(GraphBuilder graph, GradientPath path)
    {
        foreach (var node in path.FromLossToTargets)
        {
            if (Table.TryGetValue(node.Key, out var unfuse))
                graph.Replace(node, () => unfuse(new UnfuseScope(graph, node)));
        }
    }
}

/// <summary>The node to write out, and the operators to write it with.</summary>
sealed class UnfuseScope : NodeScope
{
    internal UnfuseScope(GraphBuilder graph, OnnxNode node)
        : base(graph) => Current = node;

    /// <summary>Adds an input if it is given.</summary>
    internal string AddInput(string x, int input) => HasInput(input) ? Add(x, Input(input)) : x;
}
