namespace OrtPeft;

/// <summary>Tokens by id and ids by token; looked up by a span of characters without allocating.</summary>
sealed class Vocabulary
{
    readonly string?[] _tokens;
    readonly int[] _slots;
    readonly uint[] _hashes;
    readonly char[] _chars;
    readonly int[] _start;

    /// <summary>Tokens in the order of their ids; null for an id that another vocabulary provides. Of equal tokens the first is found.</summary>
    internal Vocabulary(string?[] tokens)
    {
        _tokens = tokens;
        _start = new int[tokens.Length + 1];
        for (var i = 0; i < tokens.Length; i++)
            _start[i + 1] = _start[i] + (tokens[i]?.Length ?? 0);
        _chars = new char[_start[^1]];
        _slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, tokens.Length * 2))];
        _hashes = new uint[_slots.Length];
        _slots.AsSpan().Fill(-1);
        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is not { } token)
                continue;
            token.CopyTo(_chars.AsSpan(_start[id]));
            var hash = SpanHash.Of(token);
            var slot = hash & (uint)(_slots.Length - 1);
            while (_slots[slot] >= 0)
                slot = (slot + 1) & (uint)(_slots.Length - 1);
            _slots[slot] = id;
            _hashes[slot] = hash;
        }
    }

    /// <summary>The first id that no token has, if there is one.</summary>
    internal int? FirstGap => Array.IndexOf(_tokens, null) is >= 0 and var gap ? gap : null;

    /// <summary>One more than the largest id.</summary>
    internal int Count => _tokens.Length;

    internal string? this[int id] => _tokens[id];

    /// <summary>The id of <paramref name="token"/>, or -1.</summary>
    internal int IdOf(ReadOnlySpan<char> token)
    {
        var hash = SpanHash.Of(token);
        for (var slot = hash & (uint)(_slots.Length - 1); _slots[slot] >= 0; slot = (slot + 1) & (uint)(_slots.Length - 1))
        {
            var id = _slots[slot];
            if (_hashes[slot] == hash && _chars.AsSpan(_start[id], _start[id + 1] - _start[id]).SequenceEqual(token))
                return id;
        }
        return -1;
    }
}
