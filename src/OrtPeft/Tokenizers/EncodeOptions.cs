namespace OrtPeft;

/// <summary>How texts become tokens. What is left null is as the tokenizer's own files say.</summary>
public sealed record EncodeOptions
{
    internal static readonly EncodeOptions Default = new();

    /// <summary>Add special tokens such as [CLS] and [SEP].</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Most tokens per text or pair, special tokens included; int.MaxValue never truncates.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Which text of a pair is shortened.</summary>
    public TruncationStrategy? Truncation { get; init; }

    /// <summary>The side from which tokens are cut off.</summary>
    public TokenSide? TruncationSide { get; init; }

    /// <summary>Give what truncation cuts off as further windows (see <see cref="TokenEncoding.Overflow"/>).</summary>
    public bool Overflow { get; init; }

    /// <summary>Tokens that each overflowing window repeats from the one before.</summary>
    public int? Stride { get; init; }

    /// <summary>Fill up to equal lengths; null leaves every encoding as long as it is (see <see cref="Tokenizer.Padding"/> for what the files say).</summary>
    public TokenPadding? Padding { get; init; }
}

/// <summary>Which text of a pair loses tokens when both together are too long.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one, until both are equally long, then both.</summary>
    LongestFirst,

    /// <summary>Only the first; an error if that is not enough.</summary>
    OnlyFirst,

    /// <summary>Only the second; an error if that is not enough.</summary>
    OnlySecond,
}

/// <summary>An end of a sequence of tokens.</summary>
public enum TokenSide
{
    /// <summary>The end of the text.</summary>
    Right,

    /// <summary>The beginning of the text.</summary>
    Left,
}

/// <summary>How encodings are filled up to equal lengths.</summary>
public sealed record TokenPadding
{
    /// <summary>Length to fill up to; null: the longest of the batch.</summary>
    public int? Length { get; init; }

    /// <summary>Round lengths up to a multiple of this.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>The side at which padding is added.</summary>
    public TokenSide Side { get; init; }

    /// <summary>Token id of padding; null: <see cref="Tokenizer.PadId"/>.</summary>
    public int? Id { get; init; }

    /// <summary>Type id of padding.</summary>
    public int TypeId { get; init; }

    /// <summary>Token text of padding; null: <see cref="Tokenizer.PadToken"/>.</summary>
    public string? Token { get; init; }
}
