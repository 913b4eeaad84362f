namespace OrtPeft;

/// <summary>Precision, recall and F1 of every label; with very many labels the weakest.</summary>
static class LabelTable
{
    const int MostLabels = 100;

    internal static Html Draw(IReadOnlyList<LabelMetrics> all)
    {
        var labels = all.Count <= MostLabels ? all : [.. all.OrderBy(label => label.F1).Take(MostLabels)];
        Html note = labels.Count < all.Count
            ? $"""<p class="note">The {MostLabels} labels with the lowest F1 of {all.Count}.</p>"""
            : Html.Empty;
        Proportion[] shares = [.. labels.SelectMany(label => new[] { label.Precision, label.Recall }).Where(share => share.Whole > 0)];
        var start = IntervalBar.Start(shares);
        var table = HtmlTable.Draw(["Label", "Precision", "Recall", "#F1", "#Texts"], labels.Select(label => Row(label, start)));
        return $"""<div class="scroll">{table}</div>{IntervalBar.Legend(start)}{note}""";
    }

    static Html Row(LabelMetrics label, double start) => HtmlTable.Row(
        LabelName.Draw(label.Label),
        HtmlTable.Cell(IntervalBar.Draw(label.Precision, start)),
        HtmlTable.Cell(IntervalBar.Draw(label.Recall, start)),
        HtmlTable.Number(Show.Percent(label.F1)),
        HtmlTable.Number(Show.Count(label.Support)));
}
