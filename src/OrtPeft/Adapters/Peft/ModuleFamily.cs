namespace OrtPeft;

/// <summary>Where a family of models keeps its modules in Hugging Face's transformers.</summary>
/// <param name="Base">The attribute that holds the encoder in a model with a head, such as "bert".</param>
/// <param name="Layer">Path of a layer inside the encoder; {0} is its number.</param>
/// <param name="Modules">Paths by role: those of a layer inside the layer, the others inside the encoder.</param>
sealed record ModuleFamily(string Base, string Layer, IReadOnlyDictionary<string, string> Modules)
{
    internal const string EmbeddingsNorm = "embeddings.norm", FinalNorm = "final.norm", Pooler = "pooler";

    /// <summary>The head of its sequence classifier; null for one that has no counterpart here.</summary>
    internal SequenceHead? Head { get; init; }

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
