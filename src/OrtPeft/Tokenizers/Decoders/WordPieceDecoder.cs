namespace OrtPeft;

/// <summary>Joins continuations, puts spaces between words, and takes the space before punctuation and English contractions away.</summary>
static class WordPieceDecoder
{
    internal static Decoder Read(JsonPart json) => Create(json.Text("prefix"), json.Boolean("cleanup"));

    internal static Decoder Create(string prefix, bool cleanup) => new TokenDecoder((token, index, _) =>
    {
        if (index > 0)
            token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        return cleanup ? Cleanup(token) : token;
    });

    internal static string Cleanup(string text) => text
        .Replace(" .", ".", StringComparison.Ordinal)
        .Replace(" ?", "?", StringComparison.Ordinal)
        .Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal)
        .Replace(" ' ", "'", StringComparison.Ordinal)
        .Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal)
        .Replace(" do not", " don't", StringComparison.Ordinal)
        .Replace(" 's", "'s", StringComparison.Ordinal)
        .Replace(" 've", "'ve", StringComparison.Ordinal)
        .Replace(" 're", "'re", StringComparison.Ordinal);
}
