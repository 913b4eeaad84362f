using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The sum behind a branch of a layer.</summary>
/// <param name="Trunk">What the branch is added to.</param>
/// <param name="Sum">The sum; null when only a norm sees it.</param>
/// <param name="Norm">The norm that reads the sum; null when none does.</param>
sealed record Residual(string Trunk, string? Sum, NormSite? Norm)
{
    /// <summary>The sum that the output of a linear layer goes into; scaling by a constant (LayerScale) and reshaping may lie between.</summary>
    internal static Residual? Behind(EncoderGraph g, LinearSite branch) => branch.Output is { } output ? Behind(g, output) : branch.Product is { } product ? Behind(g, product) : null;

    static Residual? Behind(EncoderGraph g, string tensor)
    {
        foreach (var (node, input) in g.Readers(tensor))
        {
            var other = node.Input(1 - Math.Min(input, 1));
            var residual = node.OpType switch
            {
                "Add" when g.Flow.Carries(other) => new Residual(g.Origin(other), node.Output(0), g.NormOf(node.Output(0))),
                "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization" when input < 2 && g.NormAt(node.Output(0)) is { } norm => new Residual(g.Origin(other), norm.Input, norm),
                "Mul" when g.Constant(other) is not null => Behind(g, node.Output(0)),
                "Reshape" => Behind(g, node.Output(0)),
                _ => null,
            };
            if (residual is not null)
                return residual;
        }
        return null;
    }
}
