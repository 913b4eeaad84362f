namespace OrtPeft;

/// <summary>The six numbers to take away, for the first head.</summary>
static class SummaryCards
{
    internal static Html Draw(RunReport report)
    {
        var head = report.Heads[0];
        List<Html> cards =
        [
            Card("Accuracy", Show.Percent(head.Metrics.Accuracy.Value), $"95 % interval {Show.Interval(head.Metrics.Accuracy)}"),
            Card("Macro-F1", Show.Percent(head.Metrics.MacroF1), $"mean of {Show.Counted(head.Metrics.Labels.Count, "label")}"),
            Card("Trained", Show.Count(head.TrainableParameters),
                $"parameters, {Show.SmallPercent((double)head.TrainableParameters / report.Backbone.Parameters)} of the backbone\u2019s"),
            Card("Training", Show.Seconds(head.TrainSeconds), Show.Counted(head.Epochs.Count, "epoch")),
        ];
        if (report.Cache is { } cache)
        {
            var how = cache.Reused ? "cache of an earlier run reused" : $"{Show.Count(cache.ForwardPasses)} forward passes, once";
            cards.Add(Card("Caching", Show.Seconds(cache.Seconds), how));
            cards.Add(Card("Saved", Show.Count(cache.ForwardPassesSaved), "forward passes of the backbone"));
        }
        return $"""<dl class="summary" style="--all:{cards.Count};--half:{(cards.Count + 1) / 2}">{cards}</dl>""";
    }

    static Html Card(string name, string value, string note) => $"""
        <div><dt>{name}</dt><dd>{value}</dd><dd class="note">{note}</dd></div>
        """;
}
