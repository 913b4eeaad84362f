namespace OrtPeft;

/// <summary>All token models by the name that tokenizer.json gives them.</summary>
static class TokenModels
{
    internal static readonly ComponentTable<TokenModel> Table = new("model")
    {
        ["BPE"] = BpeReader.Read,
        ["Unigram"] = UnigramReader.Read,
        ["WordLevel"] = WordLevelModel.Read,
        ["WordPiece"] = WordPieceModel.Read,
    };

    /// <summary>Early files do not name the type of their model; what it consists of tells.</summary>
    internal static TokenModel Read(JsonPart json)
    {
        if (!json["type"].IsNull)
            return Table.Read(json);
        if (!json["merges"].IsNull)
            return BpeReader.Read(json);
        if (!json["max_input_chars_per_word"].IsNull)
            return WordPieceModel.Read(json);
        return json["vocab"].Kind == System.Text.Json.JsonValueKind.Array ? UnigramReader.Read(json) : WordLevelModel.Read(json);
    }
}
