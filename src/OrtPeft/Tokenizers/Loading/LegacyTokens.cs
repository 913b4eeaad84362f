namespace OrtPeft;

/// <summary>The special tokens of a tokenizer that is read from older files, where they are ordinary entries of the vocabulary.</summary>
sealed class LegacyTokens(Vocabulary vocabulary, TokenizerConfig config, string file)
{
    readonly List<AddedToken> _added = [];

    /// <summary>All of them; there must be no others in the files.</summary>
    internal IReadOnlyList<AddedToken> Added
    {
        get
        {
            config.RefuseTokensBeyond(_added);
            return _added;
        }
    }

    /// <summary>Makes a token special and gives its id.</summary>
    internal int Special(AddedToken token)
    {
        var id = vocabulary.IdOf(token.Content);
        if (id < 0)
            throw new OrtPeftException($"'{file}' does not contain the special token '{token.Content}' that tokenizer_config.json (or the model's kind) calls for.");
        if (_added.All(t => t.Id != id))
            _added.Add(token with { Id = id });
        return id;
    }

    internal static Vocabulary CreateVocabulary(string[] tokens, string file)
    {
        if (tokens.Length is 0 or > VocabularyJson.LargestVocabulary)
            throw new OrtPeftException($"'{file}' has {tokens.Length} tokens, expected 1 to {VocabularyJson.LargestVocabulary}.");
        var vocabulary = new Vocabulary(tokens);
        for (var id = 0; id < tokens.Length; id++)
        {
            if (vocabulary.IdOf(tokens[id]) != id)
                throw new OrtPeftException($"'{file}' contains '{tokens[id]}' twice, in lines {vocabulary.IdOf(tokens[id]) + 1} and {id + 1}.");
        }
        return vocabulary;
    }

    internal static OrtPeftException Refuse(string file, string name, string[] known) => new(
        $"'{file}' belongs to a {name}; without tokenizer.json only {string.Join(", ", known)} can be read exactly. "
        + "Save the tokenizer with the Python library (save_pretrained), which writes tokenizer.json.");
}
