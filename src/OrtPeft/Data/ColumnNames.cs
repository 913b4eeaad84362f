namespace OrtPeft;

/// <summary>Which columns (CSV, TSV) or fields (JSON Lines) hold what. A name that is set must exist; null takes the first usual name that
/// exists.</summary>
public sealed record ColumnNames
{
    /// <summary>Column of the text (default: text, sentence or content).</summary>
    public string? Text { get; init; }

    /// <summary>Column of the second text of a pair (default: text_pair or sentence2, where there is one).</summary>
    public string? TextPair { get; init; }

    /// <summary>Column of the label (default: label, where there is one).</summary>
    public string? Label { get; init; }

    /// <summary>Column of the id (default: id, else `line-` and the line number).</summary>
    public string? Id { get; init; }

    /// <summary>Token classification: field of the list of words (default: tokens, where there is one).</summary>
    public string? Tokens { get; init; }

    /// <summary>Token classification: field of the list of tags (default: tags, where there is one).</summary>
    public string? Tags { get; init; }

    /// <summary>Column of what an example counts in training, a number of at least 0; null: all count 1.</summary>
    public string? Weight { get; init; }

    /// <summary>Column of the path of an image, relative to the data file (default: image, where there is no column of texts).</summary>
    public string? Image { get; init; }

    /// <summary>The number that stands for white in columns of pixels, p0, p1, ... or pixel0, pixel1, ...</summary>
    public double White { get; init; } = 255;

    internal string[] ImageCandidates => [Image ?? "image"];

    internal string[] TokensCandidates => [Tokens ?? "tokens"];

    internal string[] TagsCandidates => [Tags ?? "tags"];

    internal string[] TextCandidates => Text is null ? ["text", "sentence", "content"] : [Text];

    internal string[] TextPairCandidates => TextPair is null ? ["text_pair", "sentence2"] : [TextPair];

    internal string[] LabelCandidates => [Label ?? "label"];

    internal string[] IdCandidates => [Id ?? "id"];
}
