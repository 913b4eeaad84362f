using System.Text;

namespace OrtPeft;

/// <summary>
/// A parsed pattern: syntax that means the same in .NET, and between it sets of code points. As the sets decide what can be told apart,
/// all code points that every set treats alike become one symbol; the pattern then runs over symbols, quickly and by our own tables.
/// </summary>
sealed class RegexTranslation
{
    // Symbols are characters without a meaning in patterns.
    const char FirstSymbol = '\u4E00';

    readonly List<(string Syntax, CodePointSet? Set)> _parts = [];

    internal void Add(string syntax) => _parts.Add((syntax, null));

    internal void Add(CodePointSet set) => _parts.Add(("", set));

    /// <summary>Puts everything from part <paramref name="start"/> on between two parts.</summary>
    internal void Wrap(int start, string opening, string closing)
    {
        _parts.Insert(start, (opening, null));
        _parts.Add((closing, null));
    }

    /// <summary>Whether, from part <paramref name="start"/> on, there is such syntax.</summary>
    internal bool ContainsFrom(int start, Predicate<string> syntax) => _parts.FindIndex(start, p => syntax(p.Syntax)) >= 0;

    /// <summary>The number of parts so far.</summary>
    internal int Count => _parts.Count;

    /// <summary>The pattern over symbols, and the symbol of every code point.</summary>
    internal (string Pattern, CodePointTable Symbols) Render()
    {
        var sets = _parts.Where(p => p.Set is not null).Select(p => p.Set!).Distinct().ToArray();
        var (symbols, members) = Partition(sets);
        var pattern = new StringBuilder();
        foreach (var (syntax, set) in _parts)
        {
            if (set is null)
                pattern.Append(syntax);
            else
                AppendClass(pattern, members[Array.IndexOf(sets, set)]);
        }
        return (pattern.ToString(), symbols);
    }

    /// <summary>Numbers the classes of code points that no set tells apart; says which classes each set consists of.</summary>
    static (CodePointTable Symbols, List<int>[] Members) Partition(CodePointSet[] sets)
    {
        var edges = sets
            .SelectMany((set, index) => set.Ranges.SelectMany(r => new[] { (At: r.Start, index), (At: r.End, index) }))
            .OrderBy(e => e.At)
            .ToArray();
        var inside = new bool[sets.Length];
        var classes = new Dictionary<string, int>();
        var members = Array.ConvertAll(sets, _ => new List<int>());
        var symbols = new CodePointTable();
        var (position, next) = (0, 0);
        while (position < 0x110000)
        {
            for (; next < edges.Length && edges[next].At == position; next++)
                inside[edges[next].index] ^= true;
            var end = next < edges.Length ? edges[next].At : 0x110000;
            var key = string.Create(inside.Length, inside, (span, flags) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = flags[i] ? '1' : '0';
            });
            if (!classes.TryGetValue(key, out var number))
            {
                classes[key] = number = classes.Count;
                for (var i = 0; i < inside.Length; i++)
                {
                    if (inside[i])
                        members[i].Add(number);
                }
            }
            symbols.Fill(position, end, FirstSymbol + number);
            position = end;
        }
        return (symbols, members);
    }

    static void AppendClass(StringBuilder pattern, List<int> classes)
    {
        if (classes.Count == 0)
        {
            pattern.Append("(?!)");
            return;
        }
        pattern.Append('[');
        for (var i = 0; i < classes.Count; i++)
        {
            var first = i;
            while (i + 1 < classes.Count && classes[i + 1] == classes[i] + 1)
                i++;
            pattern.Append((char)(FirstSymbol + classes[first]));
            if (i > first)
                pattern.Append('-').Append((char)(FirstSymbol + classes[i]));
        }
        pattern.Append(']');
    }
}
