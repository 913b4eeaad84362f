namespace OrtPeft;

/// <summary>A mapping from code points to short sequences of code points, such as lower-casing or decomposition.</summary>
sealed class CodePointMap
{
    readonly CodePointTable _entry = new();
    readonly int[] _start;
    readonly int[] _target;

    internal CodePointMap(IReadOnlyList<(int From, int[] To)> entries)
    {
        _start = new int[entries.Count + 2];
        _target = [.. entries.SelectMany(e => e.To)];
        for (var i = 0; i < entries.Count; i++)
        {
            _entry.Fill(entries[i].From, entries[i].From + 1, i + 1);
            _start[i + 2] = _start[i + 1] + entries[i].To.Length;
        }
    }

    /// <summary>What <paramref name="codePoint"/> becomes; empty when it stays as it is.</summary>
    internal ReadOnlySpan<int> this[int codePoint]
    {
        get
        {
            var entry = _entry[codePoint];
            return _target.AsSpan(_start[entry], _start[entry + 1] - _start[entry]);
        }
    }
}
