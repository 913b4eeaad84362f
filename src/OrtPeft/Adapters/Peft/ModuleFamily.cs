namespace OrtPeft;

/// <summary>Where a family of models keeps its modules in Hugging Face's transformers.</summary>
/// <param name="Base">The attribute that holds the encoder in a model with a head, such as "bert".</param>
/// <param name="Layer">Path of a layer inside the encoder; {0} is its number.</param>
/// <param name="Modules">Paths by role: those of a layer inside the layer, the others inside the encoder.</param>
sealed record ModuleFamily(string Base, string Layer, IReadOnlyDictionary<string, string> Modules)
{
    internal const string EmbeddingsNorm = "embeddings.norm", FinalNorm = "final.norm", Pooler = "pooler";

    /// <summary>The head of its sequence classifier.</summary>
    internal SequenceHead Head { get; init; }

    /// <summary>Whether its token classifier is one linear layer on the hidden states.</summary>
    internal bool HasLinearTokenHead { get; init; } = true;

    /// <summary>Path of a site inside the encoder, such as "encoder.layer.0.attention.self.query"; null when the family has no module of its own there.</summary>
    internal string? Path(string site)
    {
        if (Modules.TryGetValue(site, out var outside))
            return outside;
        return site.Split('.', 3) is ["layer", var number, var role] && Modules.TryGetValue(role, out var inside)
            ? $"{string.Format(System.Globalization.CultureInfo.InvariantCulture, Layer, number)}.{inside}"
            : null;
    }
}

/// <summary>What a sequence classifier of Hugging Face's computes from the hidden states.</summary>
enum SequenceHead
{
    /// <summary>Something that has no counterpart here.</summary>
    Other,

    /// <summary>classifier(tanh(pooler(first token))), the pooler being a part of the encoder (BERT).</summary>
    Pooler,

    /// <summary>classifier.out_proj(tanh(classifier.dense(first token))) (RoBERTa).</summary>
    Dense,

    /// <summary>classifier(first token) (ViT).</summary>
    FirstToken,
}
