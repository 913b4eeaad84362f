namespace OrtPeft;

/// <summary>A set of texts with ids, walked one UTF-16 unit at a time. Nodes are kept in one hash table keyed by parent and unit.</summary>
sealed class CharTrie
{
    internal const int Root = 0, None = -1;

    ulong[] _keys = new ulong[1024];
    int[] _children = new int[1024];
    int[] _ids = [None];
    int _nodes = 1;

    /// <summary>Adds <paramref name="text"/>; if it is there already, its first id stays.</summary>
    internal void Add(ReadOnlySpan<char> text, int id)
    {
        var node = Root;
        foreach (var c in text)
        {
            var child = Next(node, c);
            node = child == None ? AddChild(node, c) : child;
        }
        if (_ids[node] == None)
            _ids[node] = id;
    }

    /// <summary>The node behind <paramref name="node"/> and <paramref name="c"/>, or <see cref="None"/>.</summary>
    internal int Next(int node, char c)
    {
        var key = Key(node, c);
        var mask = _keys.Length - 1;
        for (var slot = (int)(Hash(key) & (uint)mask); _keys[slot] != 0; slot = (slot + 1) & mask)
        {
            if (_keys[slot] == key)
                return _children[slot];
        }
        return None;
    }

    /// <summary>The id of the text that ends at <paramref name="node"/>, or <see cref="None"/>.</summary>
    internal int IdAt(int node) => _ids[node];

    /// <summary>The longest text that begins at the start of <paramref name="text"/>: its id and length, or <see cref="None"/>.</summary>
    internal int Longest(ReadOnlySpan<char> text, out int length, int from = Root)
    {
        length = 0;
        var (node, id) = (from, None);
        for (var i = 0; i < text.Length; i++)
        {
            node = Next(node, text[i]);
            if (node == None)
                break;
            if (_ids[node] != None)
                (id, length) = (_ids[node], i + 1);
        }
        return id;
    }

    int AddChild(int node, char c)
    {
        if (_nodes * 2 > _keys.Length)
            Rehash();
        if (_nodes == _ids.Length)
            Array.Resize(ref _ids, _nodes * 2);
        _ids[_nodes] = None;
        Insert(Key(node, c), _nodes);
        return _nodes++;
    }

    void Insert(ulong key, int child)
    {
        var mask = _keys.Length - 1;
        var slot = (int)(Hash(key) & (uint)mask);
        while (_keys[slot] != 0)
            slot = (slot + 1) & mask;
        _keys[slot] = key;
        _children[slot] = child;
    }

    void Rehash()
    {
        var (keys, children) = (_keys, _children);
        _keys = new ulong[keys.Length * 2];
        _children = new int[_keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != 0)
                Insert(keys[i], children[i]);
        }
    }

    // Never 0, which marks an empty slot.
    static ulong Key(int node, char c) => ((ulong)(uint)node + 1) << 16 | c;

    static uint Hash(ulong key) => (uint)(key * 0x9E3779B97F4A7C15 >> 32);
}
