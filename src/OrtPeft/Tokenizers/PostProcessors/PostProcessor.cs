namespace OrtPeft;

/// <summary>What is added around the tokens of a text or a pair, and whether offsets leave out the spaces inside tokens.</summary>
sealed record PostProcessor
{
    /// <summary>For files without a post-processor: the sequences alone.</summary>
    internal static readonly PostProcessor None = new();

    internal Template Single { get; init; } = Template.BareSingle;

    internal Template Pair { get; init; } = Template.BarePair;

    /// <summary>The templates for callers who want no special tokens.</summary>
    internal Template BareSingle { get; init; } = Template.BareSingle;

    internal Template BarePair { get; init; } = Template.BarePair;

    /// <summary>Shrinks offsets so that they leave out the spaces at the ends of byte-level tokens.</summary>
    internal OffsetTrim? Trim { get; init; }

    /// <summary>The largest id of a special token; -1 without any.</summary>
    internal int LargestId => Math.Max(Single.LargestId, Pair.LargestId);

    internal Template For(bool pair, bool specials) => (pair, specials) switch
    {
        (false, true) => Single,
        (true, true) => Pair,
        (false, false) => BareSingle,
        (true, false) => BarePair,
    };
}
