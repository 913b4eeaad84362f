namespace OrtPeft;

/// <summary>
/// Remembers what short words were tokenized to. A fixed number of slots, each for whichever word came last: nothing is allocated after
/// creation and nothing grows. Part of one thread's working memory.
/// </summary>
sealed class WordCache
{
    const int Slots = 8192, LongestWord = 16, MostTokens = 6;

    readonly uint[] _hashes = new uint[Slots];
    readonly byte[] _lengths = new byte[Slots];
    readonly byte[] _counts = new byte[Slots];
    readonly char[] _words = new char[Slots * LongestWord];
    readonly CachedToken[] _tokens = new CachedToken[Slots * MostTokens];

    /// <summary>Appends the tokens of <paramref name="word"/> if they are known.</summary>
    internal bool TryGet(ReadOnlySpan<char> word, uint hash, TokenList tokens)
    {
        var slot = (int)(hash % Slots);
        if (_hashes[slot] != hash || _lengths[slot] != word.Length || !_words.AsSpan(slot * LongestWord, word.Length).SequenceEqual(word))
            return false;
        foreach (var token in _tokens.AsSpan(slot * MostTokens, _counts[slot]))
            tokens.Add(token.Id, token.Start, token.End);
        return true;
    }

    /// <summary>Remembers the tokens from <paramref name="first"/> on as those of <paramref name="word"/>.</summary>
    internal void Put(ReadOnlySpan<char> word, uint hash, TokenList tokens, int first)
    {
        var count = tokens.Count - first;
        if (count > MostTokens)
            return;
        var slot = (int)(hash % Slots);
        (_hashes[slot], _lengths[slot], _counts[slot]) = (hash, (byte)word.Length, (byte)count);
        word.CopyTo(_words.AsSpan(slot * LongestWord));
        for (var i = 0; i < count; i++)
        {
            var span = tokens.Spans[first + i];
            _tokens[slot * MostTokens + i] = new(tokens.Ids[first + i], (byte)span.Start, (byte)span.End);
        }
    }

    internal static bool Fits(ReadOnlySpan<char> word) => word.Length <= LongestWord;

    readonly record struct CachedToken(int Id, byte Start, byte End);
}
