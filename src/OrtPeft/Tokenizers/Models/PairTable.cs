namespace OrtPeft;

/// <summary>The merges of a BPE model: for two neighbouring tokens, the rank of their merge and the token it makes.</summary>
sealed class PairTable
{
    readonly ulong[] _keys;
    readonly (int Rank, int Id)[] _values;

    internal PairTable(int capacity)
    {
        var size = System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2));
        _keys = new ulong[size];
        _values = new (int, int)[size];
        _keys.AsSpan().Fill(ulong.MaxValue);
    }

    internal void Add(int left, int right, int rank, int id)
    {
        var slot = Slot(left, right);
        _keys[slot] = Key(left, right);
        _values[slot] = (rank, id);
    }

    internal bool TryFind(int left, int right, out int rank, out int id)
    {
        var slot = Slot(left, right);
        (rank, id) = _values[slot];
        return _keys[slot] != ulong.MaxValue;
    }

    int Slot(int left, int right)
    {
        var key = Key(left, right);
        var mask = _keys.Length - 1;
        var slot = (int)(key * 0x9E3779B97F4A7C15 >> 32) & mask;
        while (_keys[slot] != key && _keys[slot] != ulong.MaxValue)
            slot = (slot + 1) & mask;
        return slot;
    }

    static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
