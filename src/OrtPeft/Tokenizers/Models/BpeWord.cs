namespace OrtPeft;

/// <summary>A word while its tokens are being merged: a linked list in arrays. Working memory, one per encoding thread.</summary>
sealed class BpeWord
{
    // Words up to this length are searched for the best pair again and again, which is faster than a queue.
    const int Short = 24;

    readonly MergeQueue _queue = new();
    Symbol[] _symbols = new Symbol[64];
    int _count;

    internal int Capacity => Math.Max(_symbols.Length, _queue.Capacity);

    internal void Clear() => _count = 0;

    internal void Add(int id, int start, int end)
    {
        if (_count == _symbols.Length)
            Array.Resize(ref _symbols, _count * 2);
        _symbols[_count] = new() { Id = id, Start = start, End = end, Previous = _count - 1, Next = _count + 1 };
        _count++;
    }

    internal void MergeAll(PairTable merges)
    {
        if (_count == 0)
            return;
        _symbols[_count - 1].Next = -1;
        if (_count <= Short)
            MergeBySearch(merges);
        else
            MergeByQueue(merges);
    }

    internal void CopyTo(TokenList tokens)
    {
        for (var i = _count == 0 ? -1 : 0; i >= 0; i = _symbols[i].Next)
            tokens.Add(_symbols[i].Id, _symbols[i].Start, _symbols[i].End);
    }

    void MergeBySearch(PairTable merges)
    {
        Span<(int Rank, int Id)> ranks = stackalloc (int, int)[Short];
        for (var i = 0; i >= 0; i = _symbols[i].Next)
            ranks[i] = Rank(i, merges);
        while (true)
        {
            var best = 0;
            for (var i = 0; i >= 0; i = _symbols[i].Next)
            {
                if (ranks[i].Rank < ranks[best].Rank)
                    best = i;
            }
            if (ranks[best].Rank == int.MaxValue)
                return;
            Merge(best, ranks[best].Id);
            ranks[best] = Rank(best, merges);
            if (_symbols[best].Previous is >= 0 and var previous)
                ranks[previous] = Rank(previous, merges);
        }
    }

    (int Rank, int Id) Rank(int left, PairTable merges)
    {
        var right = _symbols[left].Next;
        return right >= 0 && merges.TryFind(_symbols[left].Id, _symbols[right].Id, out var rank, out var id) ? (rank, id) : (int.MaxValue, 0);
    }

    void MergeByQueue(PairTable merges)
    {
        _queue.Clear();
        for (var i = 0; i >= 0; i = _symbols[i].Next)
            Push(i, merges);
        while (_queue.TryPop(out var rank, out var left))
        {
            // An entry may be out of date: its symbols may have been merged away or into something else since.
            if (_symbols[left].Id < 0 || Rank(left, merges) is var (now, id) && now != rank)
                continue;
            Merge(left, id);
            Push(left, merges);
            if (_symbols[left].Previous is >= 0 and var previous)
                Push(previous, merges);
        }
    }

    void Push(int left, PairTable merges)
    {
        if (Rank(left, merges) is { Rank: < int.MaxValue } pair)
            _queue.Push(pair.Rank, left);
    }

    void Merge(int left, int id)
    {
        ref var symbol = ref _symbols[left];
        ref var right = ref _symbols[symbol.Next];
        symbol.Id = id;
        symbol.End = right.End;
        symbol.Next = right.Next;
        right.Id = -1;
        if (right.Next >= 0)
            _symbols[right.Next].Previous = left;
    }

    struct Symbol
    {
        internal int Id, Start, End, Previous, Next;
    }
}
