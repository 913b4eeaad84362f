namespace OrtPeft;

/// <summary>
/// Leaves the spaces at the ends of tokens out of their offsets. With <paramref name="PrefixSpace"/> one leading space of a token that
/// begins the text was put there by the pre-tokenizer and has no place in the text to leave out.
/// </summary>
sealed record OffsetTrim(bool PrefixSpace)
{
    /// <summary>Trims the span of one token. Spans count code points while this happens, as the spaces do.</summary>
    internal TextSpan Apply(TextSpan span, ReadOnlySpan<char> token, int index)
    {
        var leading = 0;
        while (leading < token.Length && IsSpace(token[leading]))
            leading++;
        var trailing = 0;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)]))
            trailing++;
        var (start, end) = span;
        if (leading > 0)
        {
            if (PrefixSpace && (index == 0 || start == 0))
                leading--;
            start = Math.Min(start + leading, end);
        }
        if (trailing > 0 && end >= trailing)
            end = Math.Max(end - trailing, start);
        return new(start, end);
    }

    static bool IsSpace(char c) => c == ByteAlphabet.Space || UnicodeTables.White.Contains(c);
}
