namespace OrtPeft;

/// <summary><c>[CLS] A [SEP]</c> and <c>[CLS] A [SEP] B [SEP]</c>, the second part with type 1.</summary>
static class BertProcessing
{
    internal static PostProcessor Read(JsonPart json) => Create(SpecialPair.Read(json["cls"]), SpecialPair.Read(json["sep"]));

    internal static PostProcessor Create(int cls, int sep)
    {
        var (open, close) = (TemplateItem.Special(cls, 0), TemplateItem.Special(sep, 0));
        return new()
        {
            Single = new(open, TemplateItem.Text(0, 0), close),
            Pair = new(open, TemplateItem.Text(0, 0), close, TemplateItem.Text(1, 1), TemplateItem.Special(sep, 1)),
        };
    }
}

/// <summary>A token with its id, written as a list of two.</summary>
static class SpecialPair
{
    internal static int Read(JsonPart json)
    {
        var items = json.Items().ToList();
        if (items.Count != 2)
            throw json.Error("must be a token and its id");
        _ = items[0].Text();
        return items[1].Natural();
    }
}
