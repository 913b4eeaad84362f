namespace OrtPeft;

/// <summary>WordPiece: the longest token that begins the word, then the longest continuation, and so on; otherwise the unknown token.</summary>
sealed class WordPieceModel : TokenModel
{
    readonly CharTrie _trie = new();
    readonly int _continuation;
    readonly int _unknown;
    readonly int _maxCharacters;

    internal WordPieceModel(Vocabulary vocabulary, int unknown, string continuingPrefix, int maxCharacters)
        : base(vocabulary)
    {
        _unknown = unknown;
        _maxCharacters = maxCharacters;
        for (var id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary[id] is { } token)
                _trie.Add(token, id);
        }
        foreach (var c in continuingPrefix)
            _continuation = _continuation == CharTrie.None ? CharTrie.None : _trie.Next(_continuation, c);
    }

    internal static TokenModel Read(JsonPart json)
    {
        var vocabulary = VocabularyJson.Read(json["vocab"]);
        var unknown = json.Text("unk_token");
        return new WordPieceModel(
            vocabulary,
            vocabulary.IdOf(unknown) is >= 0 and var id ? id : throw json["unk_token"].Error($"is '{unknown}', which is not in the vocabulary"),
            json.Text("continuing_subword_prefix"),
            json.Natural("max_input_chars_per_word"));
    }

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenList tokens)
    {
        var whole = Vocabulary.IdOf(piece);
        var tooLong = piece.Length > _maxCharacters && CharacterCount(piece) > _maxCharacters;
        if (tooLong || whole >= 0)
        {
            tokens.Add(tooLong ? _unknown : whole, 0, piece.Length);
            return;
        }
        var first = tokens.Count;
        for (var start = 0; start < piece.Length;)
        {
            var from = start == 0 ? CharTrie.Root : _continuation;
            var length = 0;
            var id = from == CharTrie.None ? CharTrie.None : _trie.Longest(piece[start..], out length, from);
            if (id == CharTrie.None)
            {
                tokens.Truncate(first);
                tokens.Add(_unknown, 0, piece.Length);
                return;
            }
            tokens.Add(id, start, start + length);
            start += length;
        }
    }

    static int CharacterCount(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
            count += char.IsLowSurrogate(c) ? 0 : 1;
        return count;
    }
}
