using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The sum behind a branch of a layer.</summary>
/// <param name="Trunk">What the branch is added to.</param>
/// <param name="Sum">The sum; null when only a norm sees it.</param>
/// <param name="Norm">The norm that reads the sum; null when none does.</param>
sealed record Residual(string Trunk, string? Sum, NormSite? Norm)
{
    /// <summary>The sum that the output of a linear layer goes into; scaling by a constant (LayerScale) and reshaping may lie between.</summary>
    internal static Residual? Behind(EncoderGraph g, LinearSite branch) => (branch.Output ?? branch.Product) is { } output
        ? EncoderGraph.Search(output, t => g.Readers(t).Where(u => IsPassed(g, u)).Select(u => u.Node.Output(0))).SelectMany(g.Readers).Select(u => Of(g, u)).FirstOrDefault(r => r is not null)
        : null;

    static bool IsPassed(EncoderGraph g, GraphUse use) => use.Node.OpType == "Reshape" || (use.Node.OpType == "Mul" && g.Constant(Other(use)) is not null);

    static Residual? Of(EncoderGraph g, GraphUse use) => use.Node.OpType switch
    {
        "Add" when g.Flow.Carries(Other(use)) => new Residual(g.Origin(Other(use)), use.Node.Output(0), g.NormOf(use.Node.Output(0))),
        "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization" when use.Input < 2 && g.NormAt(use.Node.Output(0)) is { } norm => new Residual(g.Origin(Other(use)), norm.Input, norm),
        _ => null,
    };

    static string Other(GraphUse use) => use.Node.Input(use.Input == 0 ? 1 : 0);
}
