namespace OrtPeft;

/// <summary><c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;</c>, type 0 everywhere.</summary>
static class RobertaProcessing
{
    internal static PostProcessor Read(JsonPart json) => Create(
        SpecialPair.Read(json["cls"]),
        SpecialPair.Read(json["sep"]),
        json.Boolean("trim_offsets", otherwise: true) ? new(json.Boolean("add_prefix_space", otherwise: true)) : null);

    internal static PostProcessor Create(int cls, int sep, OffsetTrim? trim)
    {
        var (open, close) = (TemplateItem.Special(cls, 0), TemplateItem.Special(sep, 0));
        var (a, b) = (TemplateItem.Text(0, 0), TemplateItem.Text(1, 0));
        return new()
        {
            Single = new(open, a, close),
            Pair = new(open, a, close, close, b, close),
            BareSingle = new(a),
            BarePair = new(a, b),
            Trim = trim,
        };
    }
}
