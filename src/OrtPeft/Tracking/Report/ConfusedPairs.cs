namespace OrtPeft;

/// <summary>Which label is taken for which, the most frequent first.</summary>
static class ConfusedPairs
{
    const int Most = 10;

    internal static bool IsFor(ClassificationMetrics metrics) => metrics.Labels.Count > 2 && metrics.Confusion.Correct < metrics.Confusion.Total;

    internal static Html Draw(ClassificationMetrics metrics) => $"<ol class=\"pairs\">{Of(metrics.Confusion).Select(pair => Item(metrics.Labels, pair))}</ol>";

    internal static IReadOnlyList<(int Gold, int Predicted, long Count)> Of(ConfusionMatrix confusion) =>
        [.. (from gold in Enumerable.Range(0, confusion.Labels)
             from predicted in Enumerable.Range(0, confusion.Labels)
             where gold != predicted && confusion[gold, predicted] > 0
             orderby confusion[gold, predicted] descending, gold, predicted
             select (gold, predicted, confusion[gold, predicted])).Take(Most)];

    static Html Item(LabelSet labels, (int Gold, int Predicted, long Count) pair) =>
        $"<li>{LabelName.Draw(labels[pair.Gold])} taken for {LabelName.Draw(labels[pair.Predicted])}: {Show.Counted(pair.Count, "time")}</li>";
}
