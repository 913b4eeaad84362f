namespace OrtPeft;

/// <summary>What lies before the first layer. What the graph does not have, or was not found, is null.</summary>
sealed record EncoderEntry
{
    /// <summary>The lookup of word embeddings.</summary>
    internal EmbeddingSite? Words { get; init; }

    /// <summary>The lookup or the table of position embeddings.</summary>
    internal EmbeddingSite? Positions { get; init; }

    /// <summary>The lookup of token type (segment) embeddings.</summary>
    internal EmbeddingSite? Types { get; init; }

    /// <summary>The projection of image patches (vision).</summary>
    internal EmbeddingSite? Patches { get; init; }

    /// <summary>The class token before the patches (vision).</summary>
    internal EmbeddingSite? ClassToken { get; init; }

    /// <summary>The norm of the embeddings.</summary>
    internal NormSite? Norm { get; init; }

    /// <summary>The projection of embeddings to the width of the layers (ALBERT, ELECTRA).</summary>
    internal LinearSite? Projection { get; init; }

    /// <summary>The norm of relative position embeddings (DeBERTa).</summary>
    internal NormSite? RelativeNorm { get; init; }
}

/// <summary>A table of embeddings, or the weight that makes them.</summary>
/// <param name="Table">Where the table is read.</param>
/// <param name="Indices">The tensor of row numbers; null where all rows, or a slice of them, are used.</param>
/// <param name="Output">The embeddings; null when they are fused into a larger operator.</param>
sealed record EmbeddingSite(ParameterSite Table, string? Indices, string? Output)
{
    /// <summary>Where the bias of a convolution over patches is read; null when there is none.</summary>
    internal ParameterSite? Bias { get; init; }
}
