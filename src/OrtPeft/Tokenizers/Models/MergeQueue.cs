namespace OrtPeft;

/// <summary>Possible merges, lowest rank first and then leftmost: a heap in which each node has four children.</summary>
sealed class MergeQueue
{
    ulong[] _heap = new ulong[64];
    int _count;

    internal int Capacity => _heap.Length;

    internal void Clear() => _count = 0;

    internal void Push(int rank, int position)
    {
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        var value = ((ulong)(uint)rank << 32) | (uint)position;
        var i = _count++;
        for (int parent; i > 0 && _heap[parent = (i - 1) / 4] > value; i = parent)
            _heap[i] = _heap[parent];
        _heap[i] = value;
    }

    internal bool TryPop(out int rank, out int position)
    {
        if (_count == 0)
        {
            (rank, position) = (0, 0);
            return false;
        }
        (rank, position) = ((int)(_heap[0] >> 32), (int)(uint)_heap[0]);
        var value = _heap[--_count];
        var i = 0;
        for (var child = 1; child < _count; child = 4 * i + 1)
        {
            var last = Math.Min(child + 4, _count);
            for (var other = child + 1; other < last; other++)
            {
                if (_heap[other] < _heap[child])
                    child = other;
            }
            if (_heap[child] >= value)
                break;
            _heap[i] = _heap[child];
            i = child;
        }
        _heap[i] = value;
        return true;
    }
}
