using System.Text;

namespace OrtPeft;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909): a word begins as characters, and of all neighbouring pairs the one whose
/// merge was learnt first is joined, leftmost first, until none is left.
/// </summary>
sealed class BpeModel : TokenModel
{
    readonly BpeOptions _options;
    readonly PairTable _merges;
    readonly bool _hasAffixes;
    readonly int[] _byteTokens;
    readonly int[] _singles = new int[0x10000];

    internal BpeModel(Vocabulary vocabulary, PairTable merges, BpeOptions options)
        : base(vocabulary)
    {
        _merges = merges;
        _options = options;
        _hasAffixes = options.ContinuingPrefix.Length + options.EndOfWordSuffix.Length > 0;
        _byteTokens = options.ByteFallback ? ByteTokens.Find(vocabulary) : [];
        Span<char> single = stackalloc char[1];
        for (var c = 0; c < _singles.Length; c++)
        {
            single[0] = (char)c;
            _singles[c] = vocabulary.IdOf(single);
        }
    }

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenList tokens)
    {
        if (_options.IgnoreMerges && Vocabulary.IdOf(piece) is >= 0 and var whole)
        {
            tokens.Add(whole, 0, piece.Length);
            return;
        }
        var word = tokens.Word;
        word.Clear();
        AddCharacters(piece, word);
        word.MergeAll(_merges);
        word.CopyTo(tokens);
    }

    void AddCharacters(ReadOnlySpan<char> piece, BpeWord word)
    {
        // Unknown characters wait here, because they may have to be joined.
        var (unknownStart, unknownEnd) = (-1, 0);
        for (int i = 0, length; i < piece.Length; i += length)
        {
            _ = CodePoints.At(piece, i, out length);
            var id = IdOf(piece, i, length);
            if (id >= 0)
            {
                FlushUnknown(word, ref unknownStart, unknownEnd);
                word.Add(id, i, i + length);
            }
            else if (!AddBytes(piece, i, length, word) && _options.Unknown >= 0)
            {
                if (!_options.FuseUnknown)
                    FlushUnknown(word, ref unknownStart, unknownEnd);
                if (unknownStart < 0)
                    unknownStart = i;
                unknownEnd = i + length;
            }
        }
        FlushUnknown(word, ref unknownStart, unknownEnd);
    }

    void FlushUnknown(BpeWord word, ref int start, int end)
    {
        if (start >= 0)
            word.Add(_options.Unknown, start, end);
        start = -1;
    }

    int IdOf(ReadOnlySpan<char> piece, int start, int length)
    {
        if (!_hasAffixes)
            return length == 1 ? _singles[piece[start]] : Vocabulary.IdOf(piece.Slice(start, length));
        return Vocabulary.IdOf(Spell(piece, start, length, stackalloc char[64]));
    }

    /// <summary>A character as the vocabulary spells it: with the prefix inside a word, with the suffix at its end.</summary>
    ReadOnlySpan<char> Spell(ReadOnlySpan<char> piece, int start, int length, Span<char> buffer)
    {
        var prefix = start > 0 ? _options.ContinuingPrefix : "";
        var suffix = start + length == piece.Length ? _options.EndOfWordSuffix : "";
        return buffer.TryWrite($"{prefix}{piece.Slice(start, length)}{suffix}", out var written)
            ? buffer[..written]
            : $"{prefix}{piece.Slice(start, length)}{suffix}";
    }

    /// <summary>Adds a character as its bytes, if the vocabulary has a token for each of them.</summary>
    bool AddBytes(ReadOnlySpan<char> piece, int start, int length, BpeWord word)
    {
        if (_byteTokens.Length == 0)
            return false;
        var text = _hasAffixes ? Spell(piece, start, length, stackalloc char[64]) : piece.Slice(start, length);
        Span<byte> buffer = stackalloc byte[256];
        var bytes = Encoding.UTF8.TryGetBytes(text, buffer, out var count) ? buffer[..count] : Encoding.UTF8.GetBytes(text.ToArray());
        return AddBytesOf(bytes, start, start + length, word);
    }

    bool AddBytesOf(ReadOnlySpan<byte> bytes, int start, int end, BpeWord word)
    {
        foreach (var b in bytes)
        {
            if (_byteTokens[b] < 0)
                return false;
        }
        foreach (var b in bytes)
            word.Add(_byteTokens[b], start, end);
        return true;
    }
}

/// <summary>The settings of a BPE model; ids are -1 where there is no such token.</summary>
sealed record BpeOptions
{
    internal int Unknown { get; init; } = -1;

    internal bool FuseUnknown { get; init; }

    internal bool ByteFallback { get; init; }

    internal bool IgnoreMerges { get; init; }

    internal string ContinuingPrefix { get; init; } = "";

    internal string EndOfWordSuffix { get; init; } = "";
}
