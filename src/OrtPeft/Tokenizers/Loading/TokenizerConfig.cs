using System.Text.Json;

namespace OrtPeft;

/// <summary>What tokenizer_config.json, special_tokens_map.json and added_tokens.json, which stand beside the older files, say about them.</summary>
sealed class TokenizerConfig
{
    const string AddedTokensFile = "added_tokens.json";
    readonly List<JsonPart> _files = [];
    readonly JsonPart? _addedTokens;

    internal TokenizerConfig(TokenizerFolder folder)
    {
        foreach (var file in (string[])["tokenizer_config.json", "special_tokens_map.json"])
        {
            if (folder.Has(file))
                _files.Add(TokenizerJson.Parse(folder.Read(file), folder.PathOf(file)));
        }
        if (folder.Has(AddedTokensFile))
            _addedTokens = TokenizerJson.Parse(folder.Read(AddedTokensFile), folder.PathOf(AddedTokensFile));
    }

    /// <summary>The class of the Python library, such as BertTokenizer, without Fast at the end.</summary>
    internal string? Class => Find("tokenizer_class") is { } part
        ? part.Text() is var name && name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : part.Text()
        : null;

    internal bool Flag(string name, bool otherwise) => OptionalFlag(name) ?? otherwise;

    internal bool? OptionalFlag(string name) => Find(name)?.Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    internal int Natural(string name, int otherwise) => Find(name)?.Natural() ?? otherwise;

    /// <summary>A special token that has no id yet, given as a text or as an object that also says how it is looked for.</summary>
    internal AddedToken Token(string name, string otherwise, bool leftStrip = false) => Find(name) switch
    {
        { Kind: JsonValueKind.Object } part => new(part.Text("content"), -1)
        {
            Special = true,
            SingleWord = part.Boolean("single_word", otherwise: false),
            LeftStrip = part.Boolean("lstrip", otherwise: false),
            RightStrip = part.Boolean("rstrip", otherwise: false),
            Normalized = part.Boolean("normalized", otherwise: false),
        },
        { } part => new(part.Text(), -1) { Special = true, LeftStrip = leftStrip },
        null => new(otherwise, -1) { Special = true, LeftStrip = leftStrip },
    };

    /// <summary>Refuses tokens that are added to the vocabulary beyond the given ones: how is not known well enough.</summary>
    internal void RefuseTokensBeyond(IReadOnlyList<AddedToken> known)
    {
        foreach (var (content, place) in AddedNames())
        {
            if (known.All(t => t.Content != content))
                throw place.Error($"adds the token '{content}'; without tokenizer.json such tokens cannot be read exactly. "
                    + "Save the tokenizer with the Python library (save_pretrained), which writes tokenizer.json");
        }
    }

    IEnumerable<(string Content, JsonPart Place)> AddedNames()
    {
        if (_addedTokens is { } file)
        {
            foreach (var (name, _) in file.Parts())
                yield return (name, file);
        }
        if (Find("added_tokens_decoder") is { } decoder)
        {
            foreach (var (_, token) in decoder.Parts())
                yield return (token.Text("content"), decoder);
        }
        if (Find("additional_special_tokens") is not { } additional)
            yield break;
        foreach (var token in additional.Items())
            yield return (token.Kind == JsonValueKind.Object ? token.Text("content") : token.Text(), additional);
    }

    JsonPart? Find(string name)
    {
        foreach (var file in _files)
        {
            if (file[name] is { IsNull: false } part)
                return part;
        }
        return null;
    }
}
