using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>
/// SentencePiece's compiled normalisation rules: a double-array trie over UTF-8 bytes whose values point into a list of replacements.
/// Of several rules that begin at a place the shortest applies.
/// </summary>
sealed class CharsMap
{
    readonly uint[] _units;
    readonly string[] _replacements;
    readonly Dictionary<int, int> _replacementAt = [];

    // For each character of the basic plane: 1 + the index of its replacement, 0 where it has none.
    readonly ushort[] _single = new ushort[0x10000];

    internal CharsMap(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(blob) is var size && (size > blob.Length - 4 || size % 4 != 0 || size == 0))
            throw new InvalidDataException("the size of its trie does not fit the data");
        _units = new uint[size / 4];
        for (var i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(4 + i * 4)..]);
        _replacements = ReadReplacements(blob[(4 + (int)size)..]);
        Span<byte> utf8 = stackalloc byte[4];
        for (var c = 0; c < 0x10000; c++)
        {
            if (!char.IsSurrogate((char)c))
                _single[c] = (ushort)(1 + Find(utf8[..new System.Text.Rune(c).EncodeToUtf8(utf8)]));
        }
    }

    /// <summary>The replacement of one character, or null.</summary>
    internal string? Single(int codePoint)
    {
        int index;
        if (codePoint < 0x10000)
        {
            index = _single[codePoint] - 1;
        }
        else
        {
            Span<byte> utf8 = stackalloc byte[4];
            index = Find(utf8[..new System.Text.Rune(codePoint).EncodeToUtf8(utf8)]);
        }
        return index < 0 ? null : _replacements[index];
    }

    /// <summary>The replacement of a short text, or null: that of the shortest rule with which the text begins.</summary>
    internal string? Of(ReadOnlySpan<byte> utf8) => Find(utf8) is >= 0 and var index ? _replacements[index] : null;

    int Find(ReadOnlySpan<byte> utf8)
    {
        var position = Offset(_units[0]);
        foreach (var b in utf8)
        {
            if (b == 0)
                break;
            position ^= b;
            if (position >= _units.Length || (_units[position] & 0x800000FF) != b)
                break;
            var unit = _units[position];
            position ^= Offset(unit);
            if ((unit & 0x100) != 0 && position < _units.Length)
                return _replacementAt.TryGetValue((int)(_units[position] & 0x7FFFFFFF), out var index) ? index : -1;
        }
        return -1;
    }

    static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    string[] ReadReplacements(ReadOnlySpan<byte> bytes)
    {
        var list = new List<string>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = bytes[start..].IndexOf((byte)0);
            if (length < 0)
                length = bytes.Length - start;
            _replacementAt[start] = list.Count;
            list.Add(System.Text.Encoding.UTF8.GetString(bytes.Slice(start, length)));
            start += length + 1;
        }
        return [.. list];
    }
}
