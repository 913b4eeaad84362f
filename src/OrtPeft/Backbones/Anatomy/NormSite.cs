using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A layer normalisation or a root mean square normalisation in a graph, as one operator or spelled out.</summary>
/// <param name="Nodes">Its nodes; the last one writes <paramref name="Output"/>.</param>
/// <param name="IsRms">Whether it divides by the root mean square and subtracts no mean.</param>
/// <param name="Scale">Where the scale is read; null when there is none.</param>
/// <param name="Bias">Where the bias is read; null when there is none.</param>
/// <param name="Input">The tensor that is normalised; null when a residual sum is fused into the operator and nobody else reads it.</param>
/// <param name="Output">The result.</param>
/// <param name="Epsilon">What is added to the variance or the mean square.</param>
sealed record NormSite(
    IReadOnlyList<OnnxNode> Nodes, bool IsRms, ParameterSite? Scale, ParameterSite? Bias, string? Input, string Output, double Epsilon)
{
    /// <summary>The node that writes the output.</summary>
    internal OnnxNode Node => Nodes[^1];

    /// <summary>Whether the operator adds a residual before it normalises (SkipLayerNormalization).</summary>
    internal bool AddsResidual => Node.OpType.StartsWith("Skip", StringComparison.Ordinal);
}
