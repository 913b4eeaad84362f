namespace OrtPeft;

/// <summary>One tensor to cache: [batch, tokens, width] or, without tokens, [batch, width]. Further dimensions are part of the width.</summary>
sealed record SiteTensor(string Name, int Width, bool HasTokens);

/// <summary>A place of the backbone whose frozen tensors can be cached: one tensor, or all that cross the cut there.</summary>
sealed record FeatureSite(string Name, IReadOnlyList<SiteTensor> Tensors)
{
    internal const string LastHiddenState = "last-hidden-state";

    /// <summary>The site of the last hidden state, which needs no cut.</summary>
    internal static FeatureSite Last(Backbone backbone) => new(LastHiddenState, [new SiteTensor(backbone.LastHiddenState, backbone.Hidden, true)]);
}
