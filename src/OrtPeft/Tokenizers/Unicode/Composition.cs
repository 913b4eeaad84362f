namespace OrtPeft;

/// <summary>Canonical composition, the second half of NFC and NFKC.</summary>
static class Composition
{
    const int HangulFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    const int LeadCount = 19, VowelCount = 21, TrailCount = 28;

    /// <summary>Composes decomposed characters in place; a composed character takes the place of all that went into it.</summary>
    internal static void Compose(List<(int CodePoint, int Change)> text)
    {
        var (written, starter, lastRank) = (0, -1, 0);
        for (var i = 0; i < text.Count; i++)
        {
            var (codePoint, change) = text[i];
            var rank = UnicodeTables.CombiningRank[codePoint];
            // A mark is blocked by an equal or higher one since the starter; a second starter composes only when right behind the first.
            var adjacent = starter == written - 1;
            if (starter >= 0 && (adjacent || (rank > lastRank && rank != 0)) && Pair(text[starter].CodePoint, codePoint) is { } composed)
            {
                text[starter] = (composed, text[starter].Change + change - 1);
                continue;
            }
            if (rank == 0)
                starter = written;
            lastRank = rank;
            text[written++] = (codePoint, change);
        }
        text.RemoveRange(written, text.Count - written);
    }

    static int? Pair(int first, int second)
    {
        if ((uint)(first - LeadFirst) < LeadCount && (uint)(second - VowelFirst) < VowelCount)
            return HangulFirst + (((first - LeadFirst) * VowelCount) + (second - VowelFirst)) * TrailCount;
        if (Decomposition.IsHangulSyllable(first) && (first - HangulFirst) % TrailCount == 0 && second > TrailFirst && second < TrailFirst + TrailCount)
            return first + (second - TrailFirst);
        return UnicodeTables.Composition.TryGetValue((first, second), out var composed) ? composed : null;
    }
}
