namespace OrtPeft;

/// <summary>Reads a Unigram model: a list of tokens with their scores.</summary>
static class UnigramReader
{
    internal static TokenModel Read(JsonPart json)
    {
        var pieces = json["vocab"];
        if (pieces.Kind != System.Text.Json.JsonValueKind.Array)
            throw pieces.Error("must be a list of tokens with their scores");
        if (pieces.Count is 0 or > VocabularyJson.LargestVocabulary)
            throw pieces.Error($"has {pieces.Count} tokens, expected 1 to {VocabularyJson.LargestVocabulary}");
        var tokens = new string[pieces.Count];
        var scores = new double[tokens.Length];
        var index = 0;
        foreach (var piece in pieces.Items())
        {
            if (piece.Kind != System.Text.Json.JsonValueKind.Array || piece.Count != 2)
                throw piece.Error("must hold a token and its score");
            var pair = piece.Items().ToList();
            (tokens[index], scores[index++]) = (pair[0].Text(), pair[1].Score());
        }
        var unknown = json["unk_id"] is { IsNull: false } id ? id.Natural() : -1;
        if (unknown >= tokens.Length)
            throw json["unk_id"].Error($"is {unknown}, but the vocabulary has {tokens.Length} tokens");
        return new UnigramModel(VocabularyJson.Create(pieces, tokens), scores, unknown, json.Boolean("byte_fallback", otherwise: false));
    }
}
