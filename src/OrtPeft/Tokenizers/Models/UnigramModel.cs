using System.Buffers;
using System.Text;

namespace OrtPeft;

/// <summary>
/// Unigram (Kudo 2018, arXiv 1804.10959): of all ways to cut a text into tokens of the vocabulary the one whose scores add up highest,
/// found by dynamic programming. The first found wins a tie.
/// </summary>
sealed class UnigramModel : TokenModel
{
    const double UnknownPenalty = 10;

    readonly CharTrie _trie = new();
    readonly double[] _scores;
    readonly double _unknownScore;
    readonly int _unknown;
    readonly int[] _byteTokens;

    internal UnigramModel(Vocabulary vocabulary, double[] scores, int unknown, bool byteFallback)
        : base(vocabulary)
    {
        _scores = scores;
        _unknown = unknown;
        _unknownScore = scores.Min() - UnknownPenalty;
        _byteTokens = byteFallback ? ByteTokens.Find(vocabulary) : [];
        for (var id = 0; id < vocabulary.Count; id++)
            _trie.Add(vocabulary[id], id);
    }

    internal override int SpelledAsText => _unknown;

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenList tokens)
    {
        var best = tokens.Lattice(piece.Length + 1);
        Search(piece, best);

        // Walk back from the end, turning the links around so that they can be followed forwards.
        var next = piece.Length;
        for (var end = piece.Length; end > 0;)
        {
            var start = best[end].Start;
            best[end].Start = next;
            (next, end) = (end, start);
        }
        best[0].Start = next;
        for (var start = 0; start < piece.Length;)
        {
            var end = best[start].Start;
            var id = best[end].Id;
            while (id == _unknown && end < piece.Length && best[best[end].Start].Id == _unknown)
                end = best[end].Start;
            Add(piece, start, end, id, tokens);
            start = end;
        }
    }

    void Search(ReadOnlySpan<char> piece, Span<LatticeNode> best)
    {
        for (int start = 0, length; start < piece.Length; start += length)
        {
            _ = CodePoints.At(piece, start, out length);
            var score = best[start].Score;
            var single = false;
            var node = CharTrie.Root;
            for (var end = start; end < piece.Length;)
            {
                node = _trie.Next(node, piece[end++]);
                if (node == CharTrie.None)
                    break;
                var id = _trie.IdAt(node);
                if (id == CharTrie.None)
                    continue;
                Offer(ref best[end], score + _scores[id], start, id);
                single |= end == start + length;
            }
            if (single)
                continue;
            if (_unknown < 0)
                throw new OrtPeftException($"'{piece.Slice(start, length)}' is not in the vocabulary, and the tokenizer has no token for unknown text.");
            Offer(ref best[start + length], score + _unknownScore, start, _unknown);
        }
    }

    static void Offer(ref LatticeNode node, double score, int start, int id)
    {
        if (node.Start >= 0 && score <= node.Score)
            return;
        node = new() { Score = score, Start = start, Id = id };
    }

    /// <summary>Adds one token; text that is unknown may turn out, taken together, to be a token or a run of bytes.</summary>
    void Add(ReadOnlySpan<char> piece, int start, int end, int id, TokenList tokens)
    {
        if (id == _unknown && Vocabulary.IdOf(piece[start..end]) is var joined)
        {
            if (joined >= 0)
                id = joined;
            else if (AddBytes(piece[start..end], start, end, tokens))
                return;
        }
        tokens.Add(id, start, end);
    }

    bool AddBytes(ReadOnlySpan<char> text, int start, int end, TokenList tokens)
    {
        if (_byteTokens.Length == 0)
            return false;
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        Encoding.UTF8.GetBytes(text, bytes);
        var known = true;
        for (var i = 0; i < length && known; i++)
            known = _byteTokens[bytes[i]] >= 0;
        for (var i = 0; i < length && known; i++)
            tokens.Add(_byteTokens[bytes[i]], start, end);
        ArrayPool<byte>.Shared.Return(bytes);
        return known;
    }
}

/// <summary>The best way to reach a position: its score, where its last token starts (-1: none yet), and that token.</summary>
struct LatticeNode
{
    internal double Score;
    internal int Start;
    internal int Id;
}
