namespace OrtPeft;

/// <summary>One site of an encoder by name, as users type it and lists show it.</summary>
/// <param name="Name">For example "layer.0.attention.q".</param>
/// <param name="Role">What it is in its layer, for example "attention.q".</param>
/// <param name="Layer">The layer's number; null outside of layers.</param>
/// <param name="Tensor">The tensor it writes; null when the graph has no such tensor.</param>
sealed record EncoderSite(string Name, string Role, int? Layer, string? Tensor)
{
    /// <summary>The linear layer, if it is one.</summary>
    internal LinearSite? Linear { get; init; }

    /// <summary>The norm, if it is one.</summary>
    internal NormSite? Norm { get; init; }

    /// <summary>The table or weight of embeddings, if it is one.</summary>
    internal EmbeddingSite? Embedding { get; init; }

    /// <summary>Why there is no tensor, in one sentence; null when there is one.</summary>
    internal string? Reason { get; init; }
}
