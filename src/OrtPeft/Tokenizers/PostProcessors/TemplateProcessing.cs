namespace OrtPeft;

/// <summary>Templates as the file spells them out.</summary>
static class TemplateProcessing
{
    internal static PostProcessor Read(JsonPart json)
    {
        var specials = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var table = json["special_tokens"];
        if (!table.IsNull)
        {
            foreach (var (name, token) in table.Parts())
                specials[name] = [.. token["ids"].Items().Select(i => i.Natural())];
        }
        var single = ReadTemplate(json["single"], specials);
        var pair = ReadTemplate(json["pair"], specials);
        if (Sequences(single, 1) > 0)
            throw json["single"].Error("contains sequence B, which a single text does not have");
        if (Sequences(pair, 0) == 0 || Sequences(pair, 1) == 0)
            throw json["pair"].Error("must contain both sequences, A and B");
        return new()
        {
            Single = single,
            Pair = pair,
            BareSingle = single.WithoutSpecials(),
            BarePair = pair.WithoutSpecials(),
        };
    }

    static int Sequences(Template template, int sequence)
    {
        var count = 0;
        foreach (var item in template.Items)
            count += item.Sequence == sequence ? 1 : 0;
        return count;
    }

    static Template ReadTemplate(JsonPart json, Dictionary<string, int[]> specials) => new([.. json.Items().Select(item => ReadItem(item, specials))]);

    static TemplateItem ReadItem(JsonPart item, Dictionary<string, int[]> specials)
    {
        if (item["Sequence"] is { IsNull: false } sequence)
        {
            var id = sequence.Text("id");
            return TemplateItem.Text(id is "A" or "B" ? id[0] - 'A' : throw sequence["id"].Error($"is '{id}', expected A or B"), sequence.Natural("type_id"));
        }
        if (item["SpecialToken"] is { IsNull: false } special)
        {
            var id = special.Text("id");
            return specials.TryGetValue(id, out var ids)
                ? new(-1, ids, special.Natural("type_id"))
                : throw special["id"].Error($"is '{id}', which special_tokens does not list");
        }
        throw item.Error("is neither a Sequence nor a SpecialToken");
    }
}
