namespace OrtPeft;

/// <summary>Every piece is one token or unknown.</summary>
sealed class WordLevelModel(Vocabulary vocabulary, int unknown) : TokenModel(vocabulary)
{
    internal static TokenModel Read(JsonPart json)
    {
        var vocabulary = VocabularyJson.Read(json["vocab"]);
        var unknown = json.Text("unk_token");
        return new WordLevelModel(vocabulary, vocabulary.IdOf(unknown));
    }

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenList tokens)
    {
        var id = Vocabulary.IdOf(piece);
        if (id < 0)
            id = unknown >= 0 ? unknown : throw new OrtPeftException($"'{piece}' is not in the vocabulary, and the tokenizer has no token for unknown words.");
        tokens.Add(id, 0, piece.Length);
    }
}
