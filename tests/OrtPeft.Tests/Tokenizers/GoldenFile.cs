using System.IO.Compression;
using System.Text;

namespace OrtPeft.Tests;

/// <summary>Encodings and texts that the reference library gave, in the order in which golden.mjs wrote them, column by column.</summary>
sealed class GoldenFile
{
    readonly Column[] _columns;

    internal GoldenFile(string name)
    {
        var bytes = TokenizerFixtures.Read(name);
        _columns = new Column[10];
        var position = 0;
        for (var i = 0; i < _columns.Length; i++)
        {
            var length = BitConverter.ToInt32(bytes, position);
            _columns[i] = new(bytes, position + 4);
            position += 4 + length;
        }
    }

    /// <summary>One encoding with its overflowing windows behind it; empty where the library gave an error.</summary>
    internal GoldenEncoding[] NextEncodings()
    {
        var windows = new GoldenEncoding[_columns[0].Number()];
        for (var i = 0; i < windows.Length; i++)
            windows[i] = NextEncoding(_columns[0].Number());
        return windows;
    }

    internal string NextText() => _columns[9].Text();

    GoldenEncoding NextEncoding(int length)
    {
        var e = new GoldenEncoding(length);
        var (word, end) = (0, 0);
        for (var i = 0; i < length; i++)
        {
            e.Ids[i] = _columns[1].Number();
            e.TypeIds[i] = _columns[2].Number();
            e.AttentionMask[i] = _columns[3].Number();
            e.SpecialTokensMask[i] = _columns[4].Number();
            e.WordIds[i] = word += _columns[5].Signed();
            e.SequenceIds[i] = _columns[6].Number() - 1;
            var start = end + _columns[7].Signed();
            e.Offsets[i] = new(start, end = start + _columns[8].Signed());
        }
        return e;
    }

    struct Column(byte[] bytes, int position)
    {
        internal int Number()
        {
            var value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var b = bytes[position++];
                value |= (b & 0x7F) << shift;
                if (b < 0x80)
                    return value;
            }
        }

        internal int Signed() => Number() is var n && (n & 1) == 0 ? n / 2 : -(n + 1) / 2;

        internal string Text()
        {
            var length = Number();
            position += length;
            return Encoding.UTF8.GetString(bytes, position - length, length);
        }
    }
}

/// <summary>What the reference library gave for one text or pair. Offsets count code points.</summary>
sealed class GoldenEncoding(int length)
{
    internal int[] Ids { get; } = new int[length];

    internal int[] TypeIds { get; } = new int[length];

    internal int[] AttentionMask { get; } = new int[length];

    internal int[] SpecialTokensMask { get; } = new int[length];

    internal int[] WordIds { get; } = new int[length];

    internal int[] SequenceIds { get; } = new int[length];

    internal TextSpan[] Offsets { get; } = new TextSpan[length];

    /// <summary>The first difference in words, or null.</summary>
    internal string? Difference(TokenEncoding actual)
    {
        return Column("ids", Ids, actual.Ids) ?? Column("type ids", TypeIds, actual.TypeIds) ?? Column("attention mask", AttentionMask, actual.AttentionMask)
            ?? Column("special tokens", SpecialTokensMask, actual.SpecialTokensMask) ?? Column("word ids", WordIds, actual.WordIds)
            ?? Column("sequence ids", SequenceIds, actual.SequenceIds) ?? Column("offsets", Offsets, actual.CodePointOffsets);

        static string? Column<T>(string name, T[] expected, IReadOnlyList<T> given) => expected.SequenceEqual(given)
            ? null
            : $"{name}: expected {string.Join(' ', expected)}, but was {string.Join(' ', given)}";
    }
}
