using System.Buffers;

namespace OrtPeft;

/// <summary>A token that is found in the text before any model sees it, such as <c>[MASK]</c>.</summary>
sealed record AddedToken(string Content, int Id)
{
    /// <summary>Not part of the text for a reader: skipped when decoding.</summary>
    internal bool Special { get; init; }

    /// <summary>Only where no word character touches it.</summary>
    internal bool SingleWord { get; init; }

    /// <summary>Takes the white space to its left with it.</summary>
    internal bool LeftStrip { get; init; }

    /// <summary>Takes the white space to its right with it.</summary>
    internal bool RightStrip { get; init; }

    /// <summary>Looked for in the normalised text instead of the original.</summary>
    internal bool Normalized { get; init; }
}

/// <summary>Finds one group of added tokens in a text: leftmost, then longest.</summary>
sealed class AddedTokens
{
    readonly AddedToken[] _tokens;
    readonly CharTrie _trie = new();
    readonly SearchValues<char> _firstCharacters;

    /// <param name="tokens">The tokens of the group.</param>
    /// <param name="pattern">What to look for in the text for a token.</param>
    internal AddedTokens(IEnumerable<AddedToken> tokens, Func<AddedToken, string> pattern)
    {
        _tokens = [.. tokens];
        var first = new HashSet<char>();
        for (var i = 0; i < _tokens.Length; i++)
        {
            var text = pattern(_tokens[i]);
            if (text.Length == 0)
                continue;
            _trie.Add(text, i);
            first.Add(text[0]);
        }
        _firstCharacters = SearchValues.Create([.. first]);
    }

    /// <summary>Finds the next token at or after <paramref name="position"/>. Afterwards search on from <c>Resume</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Where to begin looking.</param>
    /// <param name="used">The end of what an earlier token took: white space to the left is not taken from it.</param>
    /// <param name="match">The token and what it covers.</param>
    internal bool TryFind(ReadOnlySpan<char> text, int position, int used, out AddedTokenMatch match)
    {
        while (position < text.Length)
        {
            var skip = text[position..].IndexOfAny(_firstCharacters);
            if (skip < 0)
                break;
            position += skip;
            var index = _trie.Longest(text[position..], out var length);
            if (index == CharTrie.None)
            {
                position++;
                continue;
            }
            var (start, end) = (position, position + length);
            position = end;
            var token = _tokens[index];
            // A match inside a word is no match, yet its text is used up.
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..])))
                continue;
            if (token.LeftStrip && start < used)
                start = used;
            while (token.LeftStrip && start > used && UnicodeTables.White.Contains(text[start - 1]))
                start--;
            while (token.RightStrip && end < text.Length && UnicodeTables.White.Contains(text[end]))
                end++;
            match = new(token, start, end, position);
            return true;
        }
        match = default;
        return false;
    }

    static bool EndsWithWord(ReadOnlySpan<char> text) => text.Length > 0 && UnicodeTables.Word.Contains(CodePoints.Before(text, text.Length));

    static bool StartsWithWord(ReadOnlySpan<char> text) => text.Length > 0 && UnicodeTables.Word.Contains(CodePoints.At(text, 0, out _));
}

/// <summary>A found token, what it covers, and where to search on.</summary>
readonly record struct AddedTokenMatch(AddedToken Token, int Start, int End, int Resume);
