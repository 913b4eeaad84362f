namespace OrtPeft;

/// <summary>What becomes of the places at which a text is split.</summary>
enum SplitBehavior
{
    /// <summary>They go away.</summary>
    Removed,

    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>They end the piece before them.</summary>
    MergedWithPrevious,

    /// <summary>They begin the piece after them.</summary>
    MergedWithNext,

    /// <summary>Neighbours form one piece.</summary>
    Contiguous,
}

/// <summary>Cuts a piece at matches, which come in order and do not overlap.</summary>
static class Splitter
{
    internal static void Split(Pieces pieces, Piece piece, List<TextSpan> matches, SplitBehavior behavior, bool invert)
    {
        var cutter = new Cutter(pieces, piece, behavior);
        var position = 0;
        foreach (var match in matches)
        {
            if (match.Start > position)
                cutter.Add(position, match.Start, invert);
            cutter.Add(match.Start, match.End, !invert);
            position = match.End;
        }
        if (position < piece.End - piece.Start)
            cutter.Add(position, piece.End - piece.Start, invert);
        cutter.Flush();
    }

    /// <summary>Joins stretches, alternately matches and what lies between them, to pieces. Keeps one back, which the next may extend.</summary>
    ref struct Cutter(Pieces pieces, Piece piece, SplitBehavior behavior)
    {
        int _start = -1;
        int _end;
        bool _lastIsMatch;

        internal void Add(int start, int end, bool isMatch)
        {
            if (behavior == SplitBehavior.Removed && isMatch)
                return;
            var extends = _start >= 0 && behavior switch
            {
                SplitBehavior.Contiguous => isMatch == _lastIsMatch,
                SplitBehavior.MergedWithPrevious => isMatch && !_lastIsMatch,
                SplitBehavior.MergedWithNext => !isMatch && _lastIsMatch,
                _ => false,
            };
            if (!extends)
            {
                Flush();
                _start = start;
            }
            _end = end;
            _lastIsMatch = isMatch;
        }

        internal void Flush()
        {
            if (_start >= 0)
                pieces.Cut(piece, piece.Start + _start, piece.Start + _end);
            _start = -1;
        }
    }
}
