using System.Collections.Immutable;

namespace OrtPeft;

/// <summary>A text or pair as tokens. All lists have one entry per token.</summary>
public sealed class TokenEncoding
{
    /// <summary>Token ids, the input of the model.</summary>
    public required ImmutableArray<int> Ids { get; init; }

    /// <summary>Type ids: for BERT 0 for the first text and 1 for the second.</summary>
    public required ImmutableArray<int> TypeIds { get; init; }

    /// <summary>1 for a token, 0 for padding.</summary>
    public required ImmutableArray<int> AttentionMask { get; init; }

    /// <summary>1 for tokens that were added around the text, padding included; 0 for tokens of the text.</summary>
    public required ImmutableArray<int> SpecialTokensMask { get; init; }

    /// <summary>Where each token stands in the original text it came from, in UTF-16 units; (0, 0) for added ones.</summary>
    public required ImmutableArray<TextSpan> Offsets { get; init; }

    /// <summary>The same counted in Unicode code points, as Python and Rust count.</summary>
    public required ImmutableArray<TextSpan> CodePointOffsets { get; init; }

    /// <summary>The number of the word within its text that the token belongs to; -1 for special tokens and padding.</summary>
    public required ImmutableArray<int> WordIds { get; init; }

    /// <summary>0 for the first text, 1 for the second, -1 for special tokens and padding.</summary>
    public required ImmutableArray<int> SequenceIds { get; init; }

    /// <summary>The tokens as the vocabulary spells them.</summary>
    public required ImmutableArray<string> Tokens { get; init; }

    /// <summary>
    /// What truncation cut off, as further windows of the same shape; empty unless <see cref="EncodeOptions.Overflow"/>. Of a pair every
    /// window of the first text goes with every window of the second.
    /// </summary>
    public ImmutableArray<TokenEncoding> Overflow { get; init; } = [];

    /// <summary>The number of tokens.</summary>
    public int Length => Ids.Length;
}
