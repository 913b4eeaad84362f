using System.Text.Json;

namespace OrtPeft;

/// <summary>Reads a vocabulary that maps each token to its id; ids that are left out here must belong to added tokens.</summary>
static class VocabularyJson
{
    // The largest published vocabularies have about 260,000 tokens.
    internal const int LargestVocabulary = 4_000_000;

    internal static Vocabulary Read(JsonPart json)
    {
        if (json.Kind != JsonValueKind.Object)
            throw json.Error("must be an object that maps tokens to ids");
        var count = json.Element.GetPropertyCount();
        if (count > LargestVocabulary)
            throw json.Error($"has {count} tokens, more than the {LargestVocabulary} that a vocabulary may have");
        var tokens = new string?[count];
        foreach (var (name, part) in json.Parts())
        {
            if (part.Kind != JsonValueKind.Number || !part.Element.TryGetInt32(out var id) || id is < 0 or >= LargestVocabulary)
                throw json.Error($"gives '{name}' the id {part.Element}, expected a whole number from 0");
            if (id >= tokens.Length)
                Array.Resize(ref tokens, Math.Max(id + 1, Math.Min(LargestVocabulary, tokens.Length * 2)));
            if (tokens[id] is { } other)
                throw json.Error($"gives the id {id} to both '{other}' and '{name}'");
            tokens[id] = name;
        }
        return Create(json, tokens[..(Array.FindLastIndex(tokens, t => t is not null) + 1)]);
    }

    /// <summary>A vocabulary in which every token occurs once.</summary>
    internal static Vocabulary Create(JsonPart json, string?[] tokens)
    {
        var vocabulary = new Vocabulary(tokens);
        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is { } token && vocabulary.IdOf(token) != id)
                throw json.Error($"contains '{token}' twice, with the ids {vocabulary.IdOf(token)} and {id}");
        }
        return vocabulary;
    }
}
