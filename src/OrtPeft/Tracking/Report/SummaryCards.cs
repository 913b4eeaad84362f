namespace OrtPeft;

/// <summary>The six numbers to take away, for the first head.</summary>
static class SummaryCards
{
    internal static Html Draw(RunReport report)
    {
        var head = report.Heads[0];
        List<Html> cards =
        [
            .. Metrics(head.Metrics),
            Card("Trained", Show.Count(head.TrainableParameters),
                $"parameters, {Show.SmallPercent((double)head.TrainableParameters / report.Backbone.Parameters)} of the backbone\u2019s"),
            Card("Training", Show.Seconds(head.TrainSeconds), head.TrainEpochs == 0 ? "solved at once" : Show.Counted(head.TrainEpochs, "epoch")),
        ];
        if (report.Cache is { } cache)
        {
            var how = cache.Reused ? "cache of an earlier run reused" : $"{Show.Count(cache.ForwardPasses)} forward passes, once";
            cards.Add(Card("Caching", Show.Seconds(cache.Seconds), how));
            cards.Add(Card("Saved", Show.Count(cache.ForwardPassesSaved), "forward passes of the backbone"));
        }
        return $"""<dl class="summary" style="--all:{cards.Count};--half:{(cards.Count + 1) / 2}">{cards}</dl>""";
    }

    /// <summary>Two metrics; where few labels outnumber the others the one that does not hide it comes first.</summary>
    static IEnumerable<Html> Metrics(EvaluationMetrics metrics)
    {
        if (metrics is not ClassificationMetrics labels)
            return metrics.Values.Take(2).Select(m => Card(Show.Metric(m.Key), Show.Metric(m.Key, m.Value), $"on {Show.Counted(metrics.Examples, "text")}"));
        Html[] cards =
        [
            Card("Accuracy", Show.Percent(labels.Accuracy.Value), $"95 % interval {Show.Interval(labels.Accuracy)}"),
            Card("Macro-F1", Show.Percent(labels.MacroF1), $"mean of {Show.Counted(labels.Labels.Count, "label")}"),
        ];
        return labels.IsImbalanced ? cards.Reverse() : cards;
    }

    static Html Card(string name, string value, string note) => $"""
        <div><dt>{name}</dt><dd>{value}</dd><dd class="note">{note}</dd></div>
        """;
}
