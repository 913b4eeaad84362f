namespace OrtPeft;

/// <summary>
/// GPT-2's pattern by hand: English contractions; letters, numbers or other characters with one space before them; white space, whose
/// last character is left for the word that follows.
/// </summary>
static class Gpt2Words
{
    const byte Other = 0, Letter = 1, Number = 2, White = 3;
    static readonly byte[] KindOf = BuildKinds();

    /// <summary>The end of the word that begins at <paramref name="start"/>.</summary>
    internal static int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text[start..]) is > 0 and var contraction)
            return start + contraction;
        var word = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var kind = Kind(text, word, out var length);
        if (kind == White)
            return EndOfWhite(text, start);
        var end = word + length;
        while (end < text.Length && Kind(text, end, out length) == kind)
            end += length;
        return end;
    }

    static int EndOfWhite(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && Kind(text, end, out _) == White)
            end++;
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length > 1 && text[1] is 's' or 't' or 'm' or 'd')
            return 2;
        if (text.Length > 2 && (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l'))
            return 3;
        return 0;
    }

    static int Kind(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        if (!char.IsHighSurrogate(c))
        {
            length = 1;
            return KindOf[c];
        }
        return Classify(CodePoints.At(text, index, out length));
    }

    static byte[] BuildKinds()
    {
        var kinds = new byte[0x10000];
        for (var c = 0; c < kinds.Length; c++)
            kinds[c] = Classify(c);
        return kinds;
    }

    static byte Classify(int codePoint)
    {
        if (UnicodeTables.RegexSpace.Contains(codePoint))
            return White;
        var category = UnicodeTables.Category[codePoint];
        if (category == 0)
            return Other;
        return UnicodeTables.CategoryNames[category - 1][0] switch { 'L' => Letter, 'N' => Number, _ => Other };
    }
}
