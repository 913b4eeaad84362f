namespace OrtPeft;

/// <summary>One small number for every code point (0 where nothing was said), in two levels so that equal blocks are kept once.</summary>
sealed class CodePointTable
{
    const int BlockSize = 256;
    readonly ushort[] _block = new ushort[0x110000 / BlockSize];
    readonly List<(int Start, int End, int Value)> _ranges = [];
    ushort[] _values = new ushort[BlockSize];
    int _blocks = 1;

    internal int this[int codePoint] => _values[(_block[codePoint >> 8] << 8) | (codePoint & 0xFF)];

    /// <summary>What was filled, in order.</summary>
    internal IReadOnlyList<(int Start, int End, int Value)> Ranges => _ranges;

    internal bool Contains(int codePoint) => this[codePoint] != 0;

    /// <summary>Gives every code point from <paramref name="start"/> up to <paramref name="end"/> (exclusive) the value.</summary>
    internal void Fill(int start, int end, int value)
    {
        _ranges.Add((start, end, value));
        var uniform = -1;
        while (start < end)
        {
            var blockEnd = Math.Min(end, (start | 0xFF) + 1);
            ref var block = ref _block[start >> 8];
            if (blockEnd - start == BlockSize && block == 0)
            {
                // Whole blocks of one value (CJK, Hangul, private use) share storage.
                if (uniform < 0)
                {
                    uniform = AddBlock();
                    _values.AsSpan(uniform << 8, BlockSize).Fill((ushort)value);
                }
                block = (ushort)uniform;
            }
            else
            {
                if (block == 0)
                    block = (ushort)AddBlock();
                _values.AsSpan((block << 8) | (start & 0xFF), blockEnd - start).Fill((ushort)value);
            }
            start = blockEnd;
        }
    }

    int AddBlock()
    {
        if (_values.Length == _blocks * BlockSize)
            Array.Resize(ref _values, _values.Length * 2);
        return _blocks++;
    }
}
