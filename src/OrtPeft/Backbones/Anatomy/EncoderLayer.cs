namespace OrtPeft;

/// <summary>One layer of an encoder: attention and feed-forward network, each with a residual sum and a norm. What was not found is null.</summary>
sealed record EncoderLayer
{
    /// <summary>Number of the layer, from 0.</summary>
    internal required int Index { get; init; }

    /// <summary>The hidden states that the layer reads: hidden_i, [batch, tokens, width].</summary>
    internal string? Input { get; init; }

    /// <summary>The hidden states that the layer writes: hidden_(i+1).</summary>
    internal string? Output { get; init; }

    /// <summary>Whether norms follow the residual sums or precede the branches.</summary>
    internal NormStyle? NormStyle { get; init; }

    /// <summary>The query projection, perhaps a part of <see cref="QueryKeyValue"/>.</summary>
    internal LinearSite? Query { get; init; }

    /// <summary>The key projection.</summary>
    internal LinearSite? Key { get; init; }

    /// <summary>The value projection.</summary>
    internal LinearSite? Value { get; init; }

    /// <summary>The one product that computes query, key and value; null when they are products of their own.</summary>
    internal LinearSite? QueryKeyValue { get; init; }

    /// <summary>
    /// The projection of relative positions to queries (DeBERTa). Where it is <see cref="Query"/> applied once more, it is that layer's
    /// <see cref="LinearSite.Second"/> place.
    /// </summary>
    internal LinearSite? RelativeQuery { get; init; }

    /// <summary>The projection of relative positions to keys; see <see cref="RelativeQuery"/>.</summary>
    internal LinearSite? RelativeKey { get; init; }

    /// <summary>The output projection of attention.</summary>
    internal LinearSite? AttentionOutput { get; init; }

    /// <summary>The norm of the attention branch; some layers have none.</summary>
    internal NormSite? AttentionNorm { get; init; }

    /// <summary>The hidden states between attention and feed-forward network, as both the network and the skip path read them; null when they are no tensor of this graph.</summary>
    internal string? AfterAttention => NormStyle == OrtPeft.NormStyle.Pre ? FeedForwardNorm?.Input : AttentionNorm?.Output;

    /// <summary>The first layer of the feed-forward network, whose output goes through the activation; with the gate, when both are one product.</summary>
    internal LinearSite? FeedForwardIn { get; init; }

    /// <summary>The layer whose output multiplies the activation (gated linear units); null in plain networks. Packed with the first it is columns of that.</summary>
    internal LinearSite? FeedForwardGate { get; init; }

    /// <summary>The last layer of the feed-forward network.</summary>
    internal LinearSite? FeedForwardOut { get; init; }

    /// <summary>The norm of the feed-forward branch.</summary>
    internal NormSite? FeedForwardNorm { get; init; }

    /// <summary>The attention itself; null in layers that a user named by hand.</summary>
    internal AttentionSite? Attention { get; init; }

    /// <summary>Attention heads; null when the graph does not tell.</summary>
    internal int? Heads { get; init; }

    /// <summary>Width of one head.</summary>
    internal int? HeadWidth { get; init; }
}

/// <summary>Where a layer normalises.</summary>
enum NormStyle
{
    /// <summary>The norm follows the residual sum of its branch (BERT).</summary>
    Post,

    /// <summary>The norm precedes the branch (ViT, T5, ModernBERT).</summary>
    Pre,
}
