namespace OrtPeft;

/// <summary>A set of code points as ranges in ascending order, ends excluded, never touching each other.</summary>
sealed class CodePointSet
{
    const int Limit = 0x110000;
    readonly (int Start, int End)[] _ranges;

    CodePointSet((int Start, int End)[] ranges) => _ranges = ranges;

    internal static CodePointSet None { get; } = new([]);

    internal static CodePointSet All { get; } = new([(0, Limit)]);

    internal IReadOnlyList<(int Start, int End)> Ranges => _ranges;

    internal static CodePointSet Of(int codePoint) => new([(codePoint, codePoint + 1)]);

    internal static CodePointSet Range(int first, int last) => new([(first, last + 1)]);

    internal static CodePointSet Of(CodePointTable table) => Of(table, value => value != 0);

    internal static CodePointSet Of(CodePointTable table, Func<int, bool> value) =>
        Normalize(table.Ranges.Where(r => value(r.Value)).Select(r => (r.Start, r.End)));

    internal bool Contains(int codePoint) => _ranges.Any(r => r.Start <= codePoint && codePoint < r.End);

    internal CodePointSet Union(CodePointSet other) => Normalize(_ranges.Concat(other._ranges));

    internal CodePointSet Intersect(CodePointSet other) => Not().Union(other.Not()).Not();

    internal CodePointSet Not()
    {
        var result = new List<(int, int)>(_ranges.Length + 1);
        var end = 0;
        foreach (var range in _ranges)
        {
            if (range.Start > end)
                result.Add((end, range.Start));
            end = range.End;
        }
        if (end < Limit)
            result.Add((end, Limit));
        return new([.. result]);
    }

    /// <summary>With every character also those that differ from it in case only.</summary>
    internal CodePointSet IgnoringCase()
    {
        var more = new List<(int, int)>();
        foreach (var (start, end) in _ranges)
        {
            for (var c = start; c < end; c++)
            {
                foreach (var variant in UnicodeTables.CaseVariants[c])
                    more.Add((variant, variant + 1));
            }
        }
        return Normalize(_ranges.Concat(more));
    }

    static CodePointSet Normalize(IEnumerable<(int Start, int End)> ranges)
    {
        var result = new List<(int Start, int End)>();
        foreach (var range in ranges.OrderBy(r => r.Start))
        {
            if (result.Count > 0 && range.Start <= result[^1].End)
                result[^1] = (result[^1].Start, Math.Max(result[^1].End, range.End));
            else
                result.Add(range);
        }
        return new([.. result]);
    }
}
