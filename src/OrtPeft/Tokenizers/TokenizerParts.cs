namespace OrtPeft;

/// <summary>Everything a tokenizer consists of, whichever files it came from.</summary>
sealed record TokenizerParts(TokenModel Model, Vocabulary Vocabulary)
{
    internal IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    internal Decoder? Decoder { get; init; }

    internal Normalizer? Normalizer { get; init; }

    internal PreTokenizer? PreTokenizer { get; init; }

    internal PostProcessor PostProcessor { get; init; } = PostProcessor.None;

    internal Truncation? Truncation { get; init; }

    internal TokenPadding? Padding { get; init; }

    internal int PadId { get; init; }

    internal string? PadToken { get; init; }

    internal EncodingPipeline CreatePipeline() => new(
        Model,
        new(AddedTokens.Where(t => !t.Normalized), t => t.Content),
        new(AddedTokens.Where(t => t.Normalized), t => Normalize(t.Content)),
        Normalizer,
        PreTokenizer);

    /// <summary>
    /// What decoding makes of the added tokens. Those that are looked for in normalised text come back normalised, and count as special
    /// only if that leaves them as they are: so does the Hugging Face library.
    /// </summary>
    internal Dictionary<int, (string Text, bool Special)> DecodedAddedTokens()
    {
        var special = AddedTokens.Where(t => t.Special).Select(t => t.Content).ToHashSet(StringComparer.Ordinal);
        var decoded = new Dictionary<int, (string, bool)>();
        foreach (var token in AddedTokens)
        {
            var text = token.Normalized ? Normalize(token.Content) : token.Content;
            decoded[token.Id] = (text, special.Contains(text));
        }
        return decoded;
    }

    string Normalize(string text)
    {
        if (Normalizer is null)
            return text;
        var target = new AlignedText();
        target.Clear(tracked: false);
        Normalizer.Apply(new(text, default, 0), target, new());
        return target.Chars.ToString();
    }
}
