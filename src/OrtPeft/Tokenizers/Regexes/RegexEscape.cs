using System.Globalization;

namespace OrtPeft;

/// <summary>Reads what a backslash begins: a set such as <c>\d</c> or <c>\p{Lu}</c>, or a single character.</summary>
static class RegexEscape
{
    /// <summary>Reads one escape at <paramref name="position"/>, which moves behind it.</summary>
    internal static (CodePointSet? Set, int Literal) Parse(string pattern, ref int position, bool inClass)
    {
        if (position + 1 >= pattern.Length)
            throw new RegexRefusedException($"it ends with a backslash: '{pattern}'");
        var c = pattern[position + 1];
        position += 2;
        return c switch
        {
            's' => (NamedSets.Space, 0),
            'S' => (NamedSets.Space.Not(), 0),
            'd' => (NamedSets.Digit, 0),
            'D' => (NamedSets.Digit.Not(), 0),
            'w' => (inClass ? NamedSets.WordInClass : NamedSets.Word, 0),
            'W' => ((inClass ? NamedSets.WordInClass : NamedSets.Word).Not(), 0),
            'h' => (NamedSets.HexDigit, 0),
            'H' => (NamedSets.HexDigit.Not(), 0),
            'N' when !inClass => (NamedSets.Newline.Not(), 0),
            'O' when !inClass => (CodePointSet.All, 0),
            // Without a brace it is just a letter.
            'p' or 'P' when position < pattern.Length && pattern[position] == '{' => (Property(pattern, ref position, c == 'P'), 0),
            'p' or 'P' => (null, c),
            't' => (null, '\t'),
            'n' => (null, '\n'),
            'r' => (null, '\r'),
            'f' => (null, '\f'),
            'v' => (null, '\v'),
            'a' => (null, '\a'),
            'e' => (null, 0x1B),
            'b' when inClass => (null, '\b'),
            'u' => (null, Hexadecimal(pattern, ref position, 4)),
            'x' => (null, CodePoint(pattern, ref position)),
            '0' => (null, 0),
            _ when char.IsAsciiLetterOrDigit(c) => throw new RegexRefusedException($"it uses \\{c}: '{pattern}'"),
            _ when char.IsHighSurrogate(c) => (null, char.ConvertToUtf32(c, pattern[position++])),
            _ => (null, c),
        };
    }

    static CodePointSet Property(string pattern, ref int position, bool negated)
    {
        var end = pattern.IndexOf('}', position);
        if (end < 0)
            throw new RegexRefusedException($"a property is not closed: '{pattern}'");
        var name = pattern[(position + 1)..end];
        position = end + 1;
        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }
        var set = NamedSets.Find(name) ?? throw new RegexRefusedException($"it uses the property '{name}', which is not known: '{pattern}'");
        return negated ? set.Not() : set;
    }

    static int CodePoint(string pattern, ref int position)
    {
        if (position < pattern.Length && pattern[position] == '{')
        {
            var end = pattern.IndexOf('}', position);
            var digits = end < 0 ? "" : pattern[(position + 1)..end];
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                || value is < 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
                throw new RegexRefusedException($"'\\x{{{digits}' is no code point: '{pattern}'");
            position = end + 1;
            return value;
        }
        var single = Hexadecimal(pattern, ref position, 2);
        return single < 0x80 ? single : throw new RegexRefusedException($"it uses \\x{single:x}, a part of a character: '{pattern}'");
    }

    static int Hexadecimal(string pattern, ref int position, int digits)
    {
        if (position + digits > pattern.Length
            || !int.TryParse(pattern.AsSpan(position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is >= 0xD800 and <= 0xDFFF)
            throw new RegexRefusedException($"a character is written with too few digits: '{pattern}'");
        position += digits;
        return value;
    }
}
