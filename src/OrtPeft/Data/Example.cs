namespace OrtPeft;

/// <summary>One text, pair of texts or image, with its label where it is known.</summary>
public sealed record Example
{
    /// <summary>Names the example in every message, cache and prediction; unique within a data set.</summary>
    public required string Id { get; init; }

    /// <summary>The text; may be empty. Of an image empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>The second text of a pair, or null.</summary>
    public string? TextPair { get; init; }

    /// <summary>The image, or null for a text.</summary>
    public ImageSource? Image { get; init; }

    /// <summary>The label, or null when the example has none.</summary>
    public string? Label { get; init; }

    /// <summary>Several labels; null when the example has one or none.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Token classification: the words; <see cref="Text"/> is these, joined by single blanks. Else null.</summary>
    public IReadOnlyList<string>? Tokens { get; init; }

    /// <summary>Token classification: the tag of each word, where they are known. Else null.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>What the example counts in training.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The line of the file where the example starts, counted from 1; 0 when it did not come from a file.</summary>
    public long Line { get; init; }

    /// <summary>What a report shows of it: the text, or the image's name.</summary>
    internal string Shown => Image?.Name ?? Text;
}
