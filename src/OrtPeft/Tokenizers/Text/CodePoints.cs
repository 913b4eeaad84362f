namespace OrtPeft;

/// <summary>Walking UTF-16 text by code points. Texts inside the tokenizers hold no lone surrogates (see <see cref="Repair"/>).</summary>
static class CodePoints
{
    const char Replacement = '\uFFFD';

    /// <summary>The code point at <paramref name="index"/>, and how many UTF-16 units it takes.</summary>
    internal static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        if (!char.IsHighSurrogate(c))
        {
            length = 1;
            return c;
        }
        length = 2;
        return char.ConvertToUtf32(c, text[index + 1]);
    }

    /// <summary>The code point that ends just before <paramref name="index"/>.</summary>
    internal static int Before(ReadOnlySpan<char> text, int index) =>
        char.IsLowSurrogate(text[index - 1]) ? char.ConvertToUtf32(text[index - 2], text[index - 1]) : text[index - 1];

    internal static int LengthOf(int codePoint) => codePoint < 0x10000 ? 1 : 2;

    /// <summary>Whether a surrogate stands alone, which no UTF-8 text can express.</summary>
    internal static bool NeedsRepair(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); (uint)i < (uint)text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }
        return false;
    }

    /// <summary>Puts U+FFFD in place of each lone surrogate, as a conversion to UTF-8 does; lengths stay as they are.</summary>
    internal static void Repair(Span<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else
                text[i] = Replacement;
        }
    }
}
