using System.Text.Json;
using System.Text.Unicode;

namespace OrtPeft;

/// <summary>Reads <c>tokenizer.json</c>.</summary>
static class TokenizerJson
{
    static readonly string[] UsualPadTokens = ["[PAD]", "<pad>"];

    internal static TokenizerParts Read(byte[] bytes, string file)
    {
        var json = Parse(bytes, file);
        var model = TokenModels.Read(json["model"]);
        var added = AddedTokensJson.Read(json["added_tokens"], model.Vocabulary, out var vocabulary);
        var padding = ReadPadding(json["padding"]);
        var postProcessor = PostProcessors.Table.ReadOptional(json["post_processor"]) ?? PostProcessor.None;
        if (postProcessor.LargestId >= vocabulary.Count)
            throw json["post_processor"].Error($"uses the id {postProcessor.LargestId}, but the vocabulary ends at {vocabulary.Count - 1}");
        if (padding?.Id >= vocabulary.Count)
            throw json["padding"]["pad_id"].Error($"is {padding.Id}, but the vocabulary ends at {vocabulary.Count - 1}");
        var padToken = padding?.Token ?? UsualPadTokens.FirstOrDefault(t => vocabulary.IdOf(t) >= 0);
        return new(model, vocabulary)
        {
            AddedTokens = added,
            Normalizer = Normalizers.Table.ReadOptional(json["normalizer"]),
            PreTokenizer = PreTokenizers.Table.ReadOptional(json["pre_tokenizer"]),
            PostProcessor = postProcessor,
            Decoder = Decoders.Table.ReadOptional(json["decoder"]),
            Truncation = json["truncation"] is { IsNull: false } truncation ? Truncation.Read(truncation) : null,
            Padding = padding,
            PadToken = padToken,
            PadId = padding?.Id ?? (padToken is null ? 0 : vocabulary.IdOf(padToken)),
        };
    }

    /// <summary>Parses a JSON file; a value that says where it stands.</summary>
    internal static JsonPart Parse(byte[] bytes, string file)
    {
        try
        {
            var json = JsonElement.Parse(bytes);
            CheckTexts(bytes);
            return new(json, file, "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new OrtPeftException($"'{file}' is not valid JSON: {e.Message} Is the file complete? Download it again.", e);
        }
    }

    /// <summary>The parser leaves alone what is no text at all: bytes that are not UTF-8, and halves of surrogate pairs written as \ud800.</summary>
    static void CheckTexts(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
            throw new JsonException("It is not UTF-8.");
        if (bytes.AsSpan().IndexOf("\\ud"u8) < 0 && bytes.AsSpan().IndexOf("\\uD"u8) < 0)
            return;
        for (var reader = new Utf8JsonReader(bytes); reader.Read();)
        {
            if (reader.ValueIsEscaped)
                _ = reader.GetString();
        }
    }

    static TokenPadding? ReadPadding(JsonPart json)
    {
        if (json.IsNull)
            return null;
        var strategy = json["strategy"];
        var length = strategy.Kind == JsonValueKind.String
            ? strategy.Text() == "BatchLongest" ? (int?)null : throw strategy.Error($"is '{strategy.Text()}', expected BatchLongest or Fixed")
            : strategy["Fixed"].Natural();
        return new()
        {
            Length = length,
            MultipleOf = json["pad_to_multiple_of"] is { IsNull: false } multiple ? multiple.Natural() : null,
            Side = json["direction"].OneOf<TokenSide>(),
            Id = json.Natural("pad_id"),
            TypeId = json.Natural("pad_type_id"),
            Token = json.Text("pad_token"),
        };
    }
}
