using System.Text.Json;

namespace OrtPeft;

/// <summary>What tokenizer_config.json and special_tokens_map.json, which stand beside the older files, say about them.</summary>
sealed class TokenizerConfig
{
    readonly List<JsonPart> _files = [];

    internal TokenizerConfig(TokenizerFolder folder)
    {
        foreach (var file in (string[])["tokenizer_config.json", "special_tokens_map.json"])
        {
            if (folder.Has(file))
                _files.Add(TokenizerJson.Parse(folder.Read(file), folder.PathOf(file)));
        }
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

    /// <summary>A special token, given as a text or as an object with a content.</summary>
    internal string Token(string name, string otherwise) => Find(name) switch
    {
        { Kind: JsonValueKind.Object } part => part.Text("content"),
        { } part => part.Text(),
        null => otherwise,
    };

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
