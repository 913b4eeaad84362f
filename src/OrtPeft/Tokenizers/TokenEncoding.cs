using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>A text or pair as tokens. All lists have one entry per token.</summary>
public sealed class TokenEncoding
{
    readonly int[] _ids;
    readonly TextSpan[] _offsets;
    readonly TextSpan[] _codePointOffsets;
    readonly int[] _wordIds;
    readonly TokenRun[] _runs;
    readonly Vocabulary _vocabulary;
    readonly string _padToken;

    // Made when asked for: few callers need them, and a batch of many long texts would be several times as large.
    int[]? _typeIds, _attentionMask, _specialTokensMask, _sequenceIds;
    string[]? _tokens;

    internal TokenEncoding(
        int[] ids, TextSpan[] offsets, TextSpan[] codePointOffsets, int[] wordIds, TokenRun[] runs, Vocabulary vocabulary, string padToken, ImmutableArray<TokenEncoding> overflow)
    {
        (_ids, _offsets, _codePointOffsets, _wordIds, _runs) = (ids, offsets, codePointOffsets, wordIds, runs);
        (_vocabulary, _padToken) = (vocabulary, padToken);
        Overflow = overflow;
    }

    /// <summary>Token ids, the input of the model.</summary>
    public ImmutableArray<int> Ids => Own(_ids);

    /// <summary>Type ids: for BERT 0 for the first text and 1 for the second.</summary>
    public ImmutableArray<int> TypeIds => Own(_typeIds ??= Spread(run => run.TypeId));

    /// <summary>1 for a token, 0 for padding.</summary>
    public ImmutableArray<int> AttentionMask => Own(_attentionMask ??= Spread(run => run.IsPadding ? 0 : 1));

    /// <summary>1 for tokens that were added around the text, padding included; 0 for tokens of the text.</summary>
    public ImmutableArray<int> SpecialTokensMask => Own(_specialTokensMask ??= Spread(run => run.Sequence < 0 ? 1 : 0));

    /// <summary>Where each token stands in the original text it came from, in UTF-16 units; (0, 0) for added ones.</summary>
    public ImmutableArray<TextSpan> Offsets => Own(_offsets);

    /// <summary>The same counted in Unicode code points, as Python and Rust count.</summary>
    public ImmutableArray<TextSpan> CodePointOffsets => Own(_codePointOffsets);

    /// <summary>The number of the word within its text that the token belongs to; -1 for special tokens and padding.</summary>
    public ImmutableArray<int> WordIds => Own(_wordIds);

    /// <summary>0 for the first text, 1 for the second, -1 for special tokens and padding.</summary>
    public ImmutableArray<int> SequenceIds => Own(_sequenceIds ??= Spread(run => run.Sequence));

    /// <summary>The tokens as the vocabulary spells them.</summary>
    public ImmutableArray<string> Tokens => Own(_tokens ??= Spread((run, i) => run.IsPadding ? _padToken : _vocabulary[_ids[i]]!));

    /// <summary>
    /// What truncation cut off, as further windows of the same shape; empty unless <see cref="EncodeOptions.Overflow"/>. Of a pair every
    /// window of the first text goes with every window of the second.
    /// </summary>
    public ImmutableArray<TokenEncoding> Overflow { get; }

    /// <summary>The number of tokens.</summary>
    public int Length => _ids.Length;

    /// <summary>The same filled up to a length.</summary>
    internal TokenEncoding Pad(int length, TokenPadding padding)
    {
        var missing = Math.Max(0, length - Length);
        var run = new TokenRun(missing, -1, padding.TypeId, IsPadding: true);
        return new(
            Fill(_ids, padding.Id ?? 0),
            Fill(_offsets, default),
            Fill(_codePointOffsets, default),
            Fill(_wordIds, -1),
            padding.Side == TokenSide.Right ? [.. _runs, run] : [run, .. _runs],
            _vocabulary,
            padding.Token ?? "",
            [.. Overflow.Select(o => o.Pad(length, padding))]);

        T[] Fill<T>(T[] values, T value)
        {
            if (missing == 0)
                return values;
            var filled = new T[length];
            var start = padding.Side == TokenSide.Right ? 0 : missing;
            values.CopyTo(filled, start);
            filled.AsSpan(start == 0 ? values.Length : 0, missing).Fill(value);
            return filled;
        }
    }

    int[] Spread(Func<TokenRun, int> value) => Spread((run, _) => value(run));

    T[] Spread<T>(Func<TokenRun, int, T> value)
    {
        var values = new T[Length];
        var i = 0;
        foreach (var run in _runs)
        {
            for (var end = i + run.Count; i < end; i++)
                values[i] = value(run, i);
        }
        return values;
    }

    static ImmutableArray<T> Own<T>(T[] array) => ImmutableCollectionsMarshal.AsImmutableArray(array);
}

/// <summary>Neighbouring tokens that come from the same text (0 or 1), or were added (<paramref name="Sequence"/> -1).</summary>
readonly record struct TokenRun(int Count, int Sequence, int TypeId, bool IsPadding = false);
