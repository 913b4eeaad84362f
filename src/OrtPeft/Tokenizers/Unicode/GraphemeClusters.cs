namespace OrtPeft;

/// <summary>Extended grapheme clusters (UAX 29): what a reader takes for one character.</summary>
static class GraphemeClusters
{
    // Values of UnicodeTables.GraphemeBreak.
    const int Other = 0, Control = 1, Extend = 2, Prepend = 3, Pictographic = 4, Consonant = 5, Linker = 6, Joiner = 7, Regional = 8;
    const int L = 9, V = 10, T = 11, LV = 12, LVT = 13;

    /// <summary>The end of the cluster that begins at <paramref name="start"/>.</summary>
    internal static int End(ReadOnlySpan<char> text, int start)
    {
        var first = CodePoints.At(text, start, out var length);
        var end = start + length;
        if (first == '\r' && end < text.Length && text[end] == '\n')
            return end + 1;
        var last = UnicodeTables.GraphemeBreak[first];
        if (last == Control)
            return end;
        // What the rules that look further back need: a pictograph before its extenders, a consonant and whether a linker followed it,
        // flags paired up.
        var (pictograph, consonant, linked, flags) = (last == Pictographic, last == Consonant, false, last == Regional ? 1 : 0);
        while (end < text.Length)
        {
            var next = UnicodeTables.GraphemeBreak[CodePoints.At(text, end, out length)];
            if (!Joins(last, next, pictograph, linked, flags))
                return end;
            pictograph = next == Pictographic || (pictograph && next is Extend or Linker or Joiner && (next == Joiner || last != Joiner));
            linked = consonant && (next == Linker || (linked && next is Extend or Joiner));
            consonant = next == Consonant || (consonant && next is Extend or Linker or Joiner);
            flags = next == Regional ? flags + 1 : 0;
            last = next;
            end += length;
        }
        return end;
    }

    static bool Joins(int last, int next, bool pictograph, bool linked, int flags) => next switch
    {
        Control => false,
        Extend or Linker or Joiner => true,
        > LVT => true, // spacing marks
        _ when last == Prepend => true,
        L => last == L,
        V => last is L or V or LV,
        LV or LVT => last == L,
        T => last is V or T or LV or LVT,
        Pictographic => last == Joiner && pictograph,
        Consonant => linked,
        Regional => flags % 2 == 1,
        Other => false,
        _ => false,
    };
}
