using System.Buffers;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>Unicode normal forms D and KD (canonical and compatibility decomposition with marks in canonical order).</summary>
static class Decomposition
{
    const int HangulFirst = 0xAC00, HangulCount = 11172, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    const int VowelCount = 21, TrailCount = 28;

    /// <summary>Whether canonical decomposition leaves the character alone when it stands by itself.</summary>
    internal static bool IsStable(int codePoint) => !IsHangulSyllable(codePoint) && UnicodeTables.Canonical[codePoint].IsEmpty;

    internal static bool IsHangulSyllable(int codePoint) => (uint)(codePoint - HangulFirst) < HangulCount;

    internal static void Decompose(in AlignedView source, bool compatibility, AlignedText target, Scratch scratch)
    {
        var edit = new Edit(source, target);
        foreach (var (codePoint, change) in Decompose(source.Text, compatibility, scratch.Changes))
            edit.Write(codePoint, change);
    }

    /// <summary>The decomposed characters in canonical order, each with the change (see <see cref="Edit"/>) that it had before ordering.</summary>
    internal static List<(int CodePoint, int Change)> Decompose(ReadOnlySpan<char> text, bool compatibility, List<(int CodePoint, int Change)> into)
    {
        into.Clear();
        Span<int> hangul = stackalloc int[3];
        var sorted = 0;
        for (int i = 0, length; i < text.Length; i += length)
        {
            var c = CodePoints.At(text, i, out length);
            var parts = IsHangulSyllable(c) ? Hangul(c, hangul) : compatibility ? UnicodeTables.Compatibility[c] : default;
            if (parts.IsEmpty)
                parts = UnicodeTables.Canonical[c];
            if (parts.IsEmpty)
                Put(c, 0, into, ref sorted);
            for (var k = 0; k < parts.Length; k++)
                Put(parts[k], k == 0 ? 0 : 1, into, ref sorted);
        }
        Order(into, sorted);
        return into;
    }

    static void Put(int codePoint, int change, List<(int CodePoint, int Change)> into, ref int sorted)
    {
        if (!UnicodeTables.CombiningRank.Contains(codePoint))
        {
            Order(into, sorted);
            sorted = into.Count + 1;
        }
        into.Add((codePoint, change));
    }

    /// <summary>Puts the marks since the last base character in order; a stable sort, in n log n for long runs.</summary>
    static void Order(List<(int CodePoint, int Change)> list, int start)
    {
        var ordered = true;
        for (var i = start + 1; i < list.Count && ordered; i++)
            ordered = Rank(list[i - 1].CodePoint) <= Rank(list[i].CodePoint);
        if (ordered)
            return;
        var marks = CollectionsMarshal.AsSpan(list)[start..];
        // The position makes every key different, which makes the sort a stable one.
        var keys = ArrayPool<long>.Shared.Rent(marks.Length);
        for (var i = 0; i < marks.Length; i++)
            keys[i] = (long)Rank(marks[i].CodePoint) << 32 | (uint)i;
        keys.AsSpan(0, marks.Length).Sort(marks);
        ArrayPool<long>.Shared.Return(keys);
    }

    static int Rank(int codePoint) => UnicodeTables.CombiningRank[codePoint];

    static ReadOnlySpan<int> Hangul(int syllable, Span<int> parts)
    {
        var index = syllable - HangulFirst;
        parts[0] = LeadFirst + index / (VowelCount * TrailCount);
        parts[1] = VowelFirst + index % (VowelCount * TrailCount) / TrailCount;
        parts[2] = TrailFirst + index % TrailCount;
        return parts[2] == TrailFirst ? parts[..2] : parts;
    }
}
