namespace OrtPeft;

/// <summary>The heads side by side: how good, how large, how long.</summary>
static class HeadComparison
{
    static readonly string[] Columns = ["Head", "Accuracy", "#Macro-F1", "#Trained parameters", "#Epochs", "#Training", "#Adapter"];

    internal static Html Draw(IReadOnlyList<HeadReport> heads)
    {
        var start = IntervalBar.Start(heads.Select(head => head.Metrics.Accuracy));
        var table = HtmlTable.Draw(Columns, heads.Select(head => Row(head, start)), style: "stacks");
        return $"""<div class="scroll">{table}{IntervalBar.Legend(start)}</div>""";
    }

    static Html Row(HeadReport head, double start) => HtmlTable.Row(
        $"{head.Name}",
        $"""<td data-name="Accuracy">{IntervalBar.Draw(head.Metrics.Accuracy, start)}</td>""",
        Cell("Macro-F1", Show.Percent(head.Metrics.MacroF1)),
        Cell("Trained parameters", Show.Count(head.TrainableParameters)),
        Cell("Epochs", Show.Count(head.Epochs.Count)),
        Cell("Training", Show.Seconds(head.TrainSeconds)),
        Cell("Adapter", head.AdapterBytes is { } bytes ? Show.Bytes(bytes) : "–"));

    // On a narrow screen the rows become lists, and the names stand before the values (see ReportStyle).
    static Html Cell(string name, string value) => $"""<td class="number" data-name="{name}">{value}</td>""";
}
