namespace OrtPeft;

/// <summary>A stretch of normalised text: either still to be tokenized (<paramref name="Token"/> -1) or an added token already.</summary>
readonly record struct Piece(int Start, int End, int Base, int Token = -1);

/// <summary>The normalised text of one sequence and the pieces it is cut into. Pre-tokenizers replace the pieces by smaller ones.</summary>
sealed class Pieces
{
    Piece[] _pieces = new Piece[64];
    Piece[] _next = new Piece[64];
    int _nextCount;
    AlignedText _spare = new();
    bool _tracked;

    internal AlignedText Text { get; private set; } = new();

    internal int Count { get; private set; }

    /// <summary>Working memory of pre-tokenizers.</summary>
    internal List<TextSpan> Matches { get; } = [];

    internal ReadOnlySpan<Piece> All => _pieces.AsSpan(0, Count);

    internal int Capacity => Math.Max(Math.Max(Text.Capacity, _spare.Capacity), Math.Max(_pieces.Length, _next.Length));

    internal void Clear(bool tracked)
    {
        _tracked = tracked;
        Text.Clear(tracked);
        Count = _nextCount = 0;
    }

    /// <summary>Adds a piece of the current text to the next list; empty ones are dropped.</summary>
    internal void Add(Piece piece)
    {
        if (piece.Start == piece.End)
            return;
        if (_nextCount == _next.Length)
            Array.Resize(ref _next, _nextCount * 2);
        _next[_nextCount++] = piece;
    }

    /// <summary>Adds a part of a piece, from <paramref name="start"/> up to <paramref name="end"/> in the current text.</summary>
    internal void Cut(Piece piece, int start, int end)
    {
        if (start < end)
            Add(piece with { Start = start, End = end, Base = _tracked ? Text.Origin(start, end).Start : 0 });
    }

    /// <summary>Makes the next list the current one.</summary>
    internal void Commit()
    {
        (_pieces, _next) = (_next, _pieces);
        Count = _nextCount;
        _nextCount = 0;
    }

    internal AlignedView View(Piece piece) => Text.View(piece.Start, piece.End, piece.Base);

    /// <summary>An empty text to rewrite the pieces into; <see cref="CommitText"/> makes it the current one.</summary>
    internal AlignedText Rewrite()
    {
        _spare.Clear(_tracked);
        return _spare;
    }

    /// <summary>Makes the rewritten text and the next list, whose pieces refer to it, the current ones.</summary>
    internal void CommitText()
    {
        (Text, _spare) = (_spare, Text);
        Commit();
    }
}
