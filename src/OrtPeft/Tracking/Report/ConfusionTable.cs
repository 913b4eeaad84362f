namespace OrtPeft;

/// <summary>The confusion matrix: a shaded table, or for many labels a list of the most frequent mistakes.</summary>
static class ConfusionTable
{
    const int MostLabels = 12;
    const int MostMistakes = 10;

    internal static bool IsWide(ClassificationMetrics metrics) => metrics.Labels.Count is > 3 and <= MostLabels;

    internal static Html Draw(ClassificationMetrics metrics) =>
        metrics.Labels.Count <= MostLabels ? Matrix(metrics.Labels, metrics.Confusion) : Mistakes(metrics.Labels, metrics.Confusion);

    static Html Matrix(LabelSet labels, ConfusionMatrix confusion)
    {
        var indexes = Enumerable.Range(0, labels.Count);
        return $"""
            <div class="scroll"><table class="confusion">
            <thead>
            <tr><td></td><th class="side" scope="colgroup" colspan="{labels.Count}">predicted</th></tr>
            <tr><th class="side" scope="col">right label</th>{labels.Select(Head)}</tr>
            </thead>
            <tbody>{indexes.Select(Row)}</tbody>
            </table></div>
            """;

        Html Row(int gold) => HtmlTable.Row(LabelName.Draw(labels[gold]), [.. indexes.Select(predicted => Cell(confusion, gold, predicted))]);
    }

    static Html Head(string label) => $"""<th scope="col">{LabelName.Draw(label)}</th>""";

    static Html Cell(ConfusionMatrix confusion, int gold, int predicted)
    {
        Proportion share = new(confusion[gold, predicted], confusion.GoldCount(gold));
        if (share.Part == 0)
            return $"""<td class="none"><b>0</b></td>""";
        var style = gold == predicted ? "right" : "wrong";
        var shade = 0.5 * Math.Sqrt(share.Value); // the square root lets a few mistakes be seen; full colour would hide the number
        return $"""<td class="{style}" style="--a:{shade}"><b>{Show.Count(share.Part)}</b><span>{Show.Percent(share.Value)}</span></td>""";
    }

    static Html Mistakes(LabelSet labels, ConfusionMatrix confusion)
    {
        var mistakes = (from gold in Enumerable.Range(0, labels.Count)
                        from predicted in Enumerable.Range(0, labels.Count)
                        where gold != predicted && confusion[gold, predicted] > 0
                        orderby confusion[gold, predicted] descending
                        select (Gold: gold, Predicted: predicted)).ToList();
        var table = HtmlTable.Draw(["Right label", "Predicted", "#Times", "#Share"], mistakes.Take(MostMistakes).Select(Row), style: "mistakes");
        return $"""
            <p class="note">{labels.Count} labels; the most frequent of {Show.Count(mistakes.Count)} kinds of mistake:</p>
            <div class="scroll">{table}</div>
            """;

        Html Row((int Gold, int Predicted) mistake)
        {
            Proportion share = new(confusion[mistake.Gold, mistake.Predicted], confusion.GoldCount(mistake.Gold));
            return HtmlTable.Row(
                LabelName.Draw(labels[mistake.Gold]),
                HtmlTable.Cell(LabelName.Draw(labels[mistake.Predicted])),
                HtmlTable.Number(Show.Count(share.Part)),
                HtmlTable.Number(Show.Percent(share.Value)));
        }
    }
}
