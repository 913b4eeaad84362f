namespace OrtPeft;

/// <summary>The tokens of one sequence, and working memory that models may use while they add to it. One per encoding thread.</summary>
sealed class TokenList
{
    int[] _ids = new int[128];
    TextSpan[] _spans = new TextSpan[128];
    int[] _words = new int[128];

    LatticeNode[] _lattice = [];

    internal int Count { get; private set; }

    /// <summary>Working memory of BPE.</summary>
    internal BpeWord Word { get; } = new();

    internal int Capacity => Math.Max(Math.Max(_ids.Length, _lattice.Length), Word.Capacity);

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    internal Span<TextSpan> Spans => _spans.AsSpan(0, Count);

    internal Span<int> Words => _words.AsSpan(0, Count);

    /// <summary>Working memory of Unigram: nodes that nothing has reached, the first with score 0.</summary>
    internal Span<LatticeNode> Lattice(int length)
    {
        if (_lattice.Length < length)
            _lattice = new LatticeNode[Math.Max(length, _lattice.Length * 2)];
        var lattice = _lattice.AsSpan(0, length);
        lattice.Fill(new() { Start = -1, Id = -1 });
        return lattice;
    }

    internal void Clear() => Count = 0;

    internal void Truncate(int count) => Count = count;

    internal void Add(int id, int start, int end)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _spans, Count * 2);
            Array.Resize(ref _words, Count * 2);
        }
        _ids[Count] = id;
        _spans[Count] = new(start, end);
        Count++;
    }
}
