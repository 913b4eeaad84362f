namespace OrtPeft;

/// <summary>The heads side by side: how good, how large, how long.</summary>
static class HeadComparison
{
    static readonly string[] Columns = ["Head", "Accuracy", "#Macro-F1", "#Trained parameters", "#Epochs", "#Training", "#Adapter"];

    internal static Html Draw(IReadOnlyList<HeadReport> heads) => heads.All(head => head.Metrics is ClassificationMetrics) ? Labels(heads) : Others(heads);

    static Html Others(IReadOnlyList<HeadReport> heads)
    {
        string[] names = [.. heads[0].Metrics.Values.Keys];
        string[] columns = ["Head", .. names.Select(name => "#" + Show.Metric(name)), .. Columns[3..]];
        return $"""<div class="scroll">{HtmlTable.Draw(columns, heads.Select(Row), style: "stacks")}</div>""";

        Html Row(HeadReport head) => HtmlTable.Row($"{head.Name}",
            [.. names.Select(name => Cell(Show.Metric(name), Show.Metric(name, head.Metrics[name]))), .. Cost(head)]);
    }

    static Html Labels(IReadOnlyList<HeadReport> heads)
    {
        var start = IntervalBar.Start(heads.Select(head => Metrics(head).Accuracy));
        var table = HtmlTable.Draw(Columns, heads.Select(head => Row(head, start)), style: "stacks");
        return $"""<div class="scroll">{table}{IntervalBar.Legend(start)}</div>""";
    }

    static ClassificationMetrics Metrics(HeadReport head) => (ClassificationMetrics)head.Metrics;

    static Html Row(HeadReport head, double start) => HtmlTable.Row($"{head.Name}",
    [
        $"""<td data-name="Accuracy">{IntervalBar.Draw(Metrics(head).Accuracy, start)}</td>""",
        Cell("Macro-F1", Show.Percent(Metrics(head).MacroF1)),
        .. Cost(head),
    ]);

    static Html[] Cost(HeadReport head) =>
    [
        Cell("Trained parameters", Show.Count(head.TrainableParameters)),
        Cell("Epochs", head.TrainEpochs == 0 ? "–" : Show.Count(head.TrainEpochs)),
        Cell("Training", Show.Seconds(head.TrainSeconds)),
        Cell("Adapter", head.AdapterBytes is { } bytes ? Show.Bytes(bytes) : "–"),
    ];

    // On a narrow screen the rows become lists, and the names stand before the values (see ReportStyle).
    static Html Cell(string name, string value) => $"""<td class="number" data-name="{name}">{value}</td>""";
}
