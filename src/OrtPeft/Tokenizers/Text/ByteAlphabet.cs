using System.Text;

namespace OrtPeft;

/// <summary>GPT-2's alphabet: a visible character for each byte. Printable Latin-1 stands for itself, the rest for U+0100 upwards.</summary>
static class ByteAlphabet
{
    static readonly char[] OfByte = Build();

    /// <summary>The character for a space, which opens most words.</summary>
    internal static readonly char Space = OfByte[' '];

    /// <summary>Writes the bytes of <paramref name="source"/> in UTF-8 as characters; each stands for the original of its whole character.</summary>
    internal static void Write(in AlignedView source, AlignedText target)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0, length; i < source.Text.Length; i += length)
        {
            var c = CodePoints.At(source.Text, i, out length);
            var origin = source.Origin(i, i + length);
            if (c < 0x80)
            {
                target.Add(OfByte[c], origin);
                continue;
            }
            var count = new Rune(c).EncodeToUtf8(bytes);
            foreach (var b in bytes[..count])
                target.Add(OfByte[b], origin);
        }
    }

    /// <summary>The byte that a character stands for, or -1.</summary>
    internal static int ByteOf(char c)
    {
        if (c < 256 && OfByte[c] == c)
            return c;
        return Array.IndexOf(OfByte, c);
    }

    static char[] Build()
    {
        var table = new char[256];
        var next = '\u0100';
        for (var b = 0; b < 256; b++)
            table[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : next++;
        return table;
    }
}
