namespace OrtPeft;

/// <summary>Reads a class in brackets: characters, ranges, named sets, classes within, and intersections.</summary>
sealed class RegexClassParser(string pattern, bool ignoreCase)
{
    const int DeepestNesting = 50;

    internal CodePointSet Parse(ref int position) => Parse(ref position, 0);

    CodePointSet Parse(ref int position, int depth)
    {
        if (depth > DeepestNesting)
            throw Refused("its classes are nested too deeply");
        position++;
        var negated = position < pattern.Length && pattern[position] == '^';
        if (negated)
            position++;
        CodePointSet? intersection = null;
        var set = CodePointSet.None;
        var isEmpty = true;
        for (var first = true; ; first = false)
        {
            if (position >= pattern.Length)
                throw Refused("a class is not closed");
            var c = pattern[position];
            var (closes, intersects) = (c == ']' && !first, IsIntersection(position));
            if (isEmpty && (intersects || (closes && intersection is not null)))
                throw Refused("an intersection of classes has an empty side");
            if (closes)
            {
                position++;
                break;
            }
            if (intersects)
            {
                intersection = intersection is null ? set : intersection.Intersect(set);
                set = CodePointSet.None;
                isEmpty = true;
                position += 2;
                continue;
            }
            isEmpty = false;
            set = set.Union(c switch
            {
                '[' when IsPosix(position) => Posix(ref position),
                '[' => Parse(ref position, depth + 1),
                _ => Item(ref position),
            });
        }
        if (intersection is not null)
            set = intersection.Intersect(set);
        if (ignoreCase)
            set = IgnoringCase(set);
        return negated ? set.Not() : set;
    }

    /// <summary>A character, a range or a set.</summary>
    CodePointSet Item(ref int position)
    {
        var (set, first) = Single(ref position);
        if (set is not null)
            return set;
        // A hyphen at the end of a class or of a side of an intersection is one character more.
        if (position + 1 >= pattern.Length || pattern[position] != '-' || pattern[position + 1] == ']' || IsIntersection(position + 1))
            return CodePointSet.Of(first);
        if (pattern[position + 1] == '[')
            throw Refused("a range ends in a class");
        position++;
        var (endSet, last) = Single(ref position);
        if (endSet is not null)
            throw Refused("a range ends in a set");
        return first <= last ? CodePointSet.Range(first, last) : throw Refused("a range is the wrong way round");
    }

    (CodePointSet? Set, int Literal) Single(ref int position)
    {
        if (pattern[position] == '\\')
            return RegexEscape.Parse(pattern, ref position, inClass: true);
        var c = CodePoints.At(pattern, position, out var length);
        position += length;
        return (null, c);
    }

    CodePointSet IgnoringCase(CodePointSet set)
    {
        foreach (var c in UnicodeTables.CaseExpanding)
        {
            if (set.Contains(c))
                throw Refused($"ignoring case, '{char.ConvertFromUtf32(c)}' in a class matches a different number of characters");
        }
        return set.IgnoringCase();
    }

    bool IsIntersection(int position) => string.CompareOrdinal(pattern, position, "&&", 0, 2) == 0;

    bool IsPosix(int position) => position + 1 < pattern.Length && pattern[position + 1] == ':'
        && pattern.IndexOf(":]", position + 2, StringComparison.Ordinal) >= 0;

    CodePointSet Posix(ref int position)
    {
        var end = pattern.IndexOf(":]", position + 2, StringComparison.Ordinal);
        var name = pattern[(position + 2)..end];
        position = end + 2;
        var negated = name.StartsWith('^');
        var set = NamedSets.FindPosix(negated ? name[1..] : name) ?? throw Refused($"it uses the class [:{name}:], which is not known");
        return negated ? set.Not() : set;
    }

    RegexRefusedException Refused(string why) => new($"{why}, in '{pattern}'");
}
