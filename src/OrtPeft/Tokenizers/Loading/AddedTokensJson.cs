namespace OrtPeft;

/// <summary>Reads the added tokens, which may extend the vocabulary of the model.</summary>
static class AddedTokensJson
{
    internal static List<AddedToken> Read(JsonPart json, Vocabulary model, out Vocabulary vocabulary)
    {
        var tokens = json.IsNull ? [] : json.Items().Select(t => ReadToken(t, model)).ToList();
        var all = new string?[Math.Max(model.Count, tokens.Select(t => t.Id + 1).DefaultIfEmpty().Max())];
        for (var id = 0; id < model.Count; id++)
            all[id] = model[id];
        foreach (var token in tokens)
        {
            if (all[token.Id] is { } other && other != token.Content)
                throw json.Error($"give the id {token.Id} to '{token.Content}', but it belongs to '{other}'");
            all[token.Id] = token.Content;
        }
        vocabulary = VocabularyJson.Create(json, all);
        if (vocabulary.FirstGap is { } gap)
            throw json.Error($"leave a gap in the vocabulary: no token has the id {gap}");
        return tokens;
    }

    static AddedToken ReadToken(JsonPart json, Vocabulary model)
    {
        var content = json.Text("content");
        var id = json.Natural("id");
        var known = model.IdOf(content);
        if (known >= 0 && known != id)
            throw json["id"].Error($"is {id}, but the vocabulary gives '{content}' the id {known}");
        if (id >= VocabularyJson.LargestVocabulary)
            throw json["id"].Error($"is {id}, more than a vocabulary may have");
        return new(content, id)
        {
            Special = json.Boolean("special"),
            SingleWord = json.Boolean("single_word"),
            LeftStrip = json.Boolean("lstrip"),
            RightStrip = json.Boolean("rstrip"),
            Normalized = json.Boolean("normalized"),
        };
    }
}
