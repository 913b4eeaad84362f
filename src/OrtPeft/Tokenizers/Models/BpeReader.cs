using System.Text.Json;

namespace OrtPeft;

/// <summary>Reads a BPE model.</summary>
static class BpeReader
{
    internal static TokenModel Read(JsonPart json)
    {
        if (json["dropout"] is { IsNull: false } dropout && dropout.Number() != 0)
            throw dropout.Error($"is {dropout.Element}: tokens drawn at random cannot be reproduced; set it to null");
        var vocabulary = VocabularyJson.Read(json["vocab"]);
        var prefix = json.OptionalText("continuing_subword_prefix") ?? "";
        var unknown = json.OptionalText("unk_token");
        var options = new BpeOptions
        {
            Unknown = unknown is null ? -1 : vocabulary.IdOf(unknown),
            FuseUnknown = json.Boolean("fuse_unk", otherwise: false),
            ByteFallback = json.Boolean("byte_fallback", otherwise: false),
            IgnoreMerges = json.Boolean("ignore_merges", otherwise: false),
            ContinuingPrefix = prefix,
            EndOfWordSuffix = json.OptionalText("end_of_word_suffix") ?? "",
        };
        if (unknown is not null && options.Unknown < 0)
            throw json["unk_token"].Error($"is '{unknown}', which is not in the vocabulary");
        return new BpeModel(vocabulary, ReadMerges(json["merges"], vocabulary, prefix.Length), options);
    }

    /// <summary>Merges are written "left right" or, so that tokens may hold spaces, as lists of two.</summary>
    static PairTable ReadMerges(JsonPart json, Vocabulary vocabulary, int prefixLength)
    {
        if (json.Kind != JsonValueKind.Array)
            throw json.Error("must be a list of merges");
        var table = new PairTable(json.Count);
        var rank = 0;
        foreach (var merge in json.Items())
        {
            var (left, right) = merge.Kind == JsonValueKind.String ? Pair(merge) : PairOfList(merge);
            BpeMerges.Add(table, vocabulary, left, right, prefixLength, rank++, merge.Error);
        }
        return table;
    }

    static (string Left, string Right) Pair(JsonPart merge)
    {
        var parts = merge.Text().Split(' ');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw merge.Error($"is '{merge.Text()}', expected two tokens with one space between them");
    }

    static (string Left, string Right) PairOfList(JsonPart merge)
    {
        var parts = merge.Items().ToList();
        return parts.Count == 2 ? (parts[0].Text(), parts[1].Text()) : throw merge.Error("must hold two tokens");
    }
}

/// <summary>Turns merges of texts into merges of ids.</summary>
static class BpeMerges
{
    internal static void Add(
        PairTable table, Vocabulary vocabulary, string left, string right, int prefixLength, int rank, Func<string, Exception?, OrtPeftException> error)
    {
        var merged = left + (right.Length >= prefixLength ? right[prefixLength..] : right);
        table.Add(Id(left), Id(right), rank, Id(merged));

        int Id(string token) => vocabulary.IdOf(token) is >= 0 and var id
            ? id
            : throw error($"merges '{left}' and '{right}', but '{token}' is not in the vocabulary", null);
    }
}
