namespace OrtPeft;

/// <summary>
/// Leaves the spaces at the ends of tokens out of their offsets. With <paramref name="PrefixSpace"/> a single leading space of a
/// token that begins the text was put there by the pre-tokenizer and has no place in the text to leave out.
/// </summary>
sealed record OffsetTrim(bool PrefixSpace)
{
    /// <summary>Trims the span of one token.</summary>
    /// <param name="span">Where the token stands.</param>
    /// <param name="spaces">How many characters at its ends are spaces; as many code points of the text are left out.</param>
    /// <param name="index">Which token of its text it is.</param>
    /// <param name="text">The original text.</param>
    internal TextSpan Apply(TextSpan span, EndSpaces spaces, int index, ReadOnlySpan<char> text)
    {
        var (start, end) = span;
        var leading = spaces.Leading == 1 && PrefixSpace && (index == 0 || start == 0) ? 0 : spaces.Leading;
        for (; leading > 0 && start < end; leading--)
            start += IsPair(text, start) ? 2 : 1;
        var (trailing, trimmed) = (spaces.Trailing, end);
        for (; trailing > 0 && trimmed > 0; trailing--)
            trimmed -= trimmed > 1 && IsPair(text, trimmed - 2) ? 2 : 1;
        return new(start, trailing > 0 ? end : Math.Max(trimmed, start));
    }

    static bool IsPair(ReadOnlySpan<char> text, int index) => index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]);
}

/// <summary>How many characters at the ends of a token are spaces, written as such or in GPT-2's alphabet.</summary>
readonly record struct EndSpaces(int Leading, int Trailing)
{
    internal static EndSpaces Of(ReadOnlySpan<char> token)
    {
        var leading = 0;
        while (leading < token.Length && IsSpace(token[leading]))
            leading++;
        var trailing = 0;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)]))
            trailing++;
        return new(leading, trailing);
    }

    static bool IsSpace(char c) => c == ByteAlphabet.Space || UnicodeTables.White.Contains(c);
}
