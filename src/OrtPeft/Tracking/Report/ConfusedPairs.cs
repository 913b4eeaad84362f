namespace OrtPeft;

/// <summary>Which label is taken for which, the most frequent first.</summary>
static class ConfusedPairs
{
    const int Most = 10;

    internal static bool IsFor(HeadReport head) => head.Metrics.Labels.Count > 2 && head.Metrics.Confusion.Correct < head.Metrics.Confusion.Total;

    internal static Html Draw(HeadReport head) => $"<ol class=\"pairs\">{Of(head.Metrics.Confusion).Select(pair => Item(head.Metrics.Labels, pair))}</ol>";

    internal static IReadOnlyList<(int Gold, int Predicted, long Count)> Of(ConfusionMatrix confusion) =>
        [.. (from gold in Enumerable.Range(0, confusion.Labels)
             from predicted in Enumerable.Range(0, confusion.Labels)
             where gold != predicted && confusion[gold, predicted] > 0
             orderby confusion[gold, predicted] descending, gold, predicted
             select (gold, predicted, confusion[gold, predicted])).Take(Most)];

    static Html Item(LabelSet labels, (int Gold, int Predicted, long Count) pair) =>
        $"<li>{LabelName.Draw(labels[pair.Gold])} taken for {LabelName.Draw(labels[pair.Predicted])}: {Show.Counted(pair.Count, "time")}</li>";
}
