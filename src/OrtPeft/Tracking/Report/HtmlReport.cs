using System.Globalization;

namespace OrtPeft;

/// <summary>report.html: one file that needs no network and no script, readable on a phone, on paper, in the dark and by a screen reader.</summary>
public static class HtmlReport
{
    /// <summary>Writes the report to a file.</summary>
    /// <exception cref="OrtPeftException">The file cannot be written.</exception>
    public static void Write(string path, RunReport report) => AtomicFile.WriteText(path, Render(report));

    /// <summary>The page as text.</summary>
    public static string Render(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfZero(report.Heads.Count);
        Html page = $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
            <title>{report.Title} - OrtPeft training report</title>
            <style>{Html.Raw(ReportStyle.Css)}</style>
            </head>
            <body>
            <main>
            {Header(report)}
            {Warnings(report)}
            {SummaryCards.Draw(report)}
            {(report.Heads.Count > 1 ? Section("The heads compared", $"{ComparisonPlot.Draw(report.Heads)}{HeadComparison.Draw(report.Heads)}") : Html.Empty)}
            {report.Heads.Select(Head)}
            {(report.Predictions.Count > 0 ? Section("Texts and answers", PredictionList.Draw(report.Predictions)) : Html.Empty)}
            {Section("What was trained, and what it cost", RunFacts.Draw(report))}
            </main>
            <footer>
            <p>Intervals are 95 % Wilson score intervals: of a hundred such tests, about 95 give an interval that holds the true share.
            Macro-F1 is the unweighted mean of the labels’ F1.</p>
            </footer>
            </body>
            </html>

            """;
        return page.ToString();
    }

    static Html Header(RunReport report)
    {
        var head = report.Heads[0];
        var result = head.Metrics is ClassificationMetrics { Accuracy: var accuracy }
            ? $"gives {Show.Count(accuracy.Part)} of {Show.Count(accuracy.Whole)} {report.Data.EvaluatedOn} texts the right label."
            : $"reaches {string.Join(" and ", head.Metrics.Values.Take(2).Select(m => $"{Show.Metric(m.Key)} {Show.Metric(m.Key, m.Value)}"))} on {Show.Count(head.Metrics.Examples)} {report.Data.EvaluatedOn} texts.";
        return $"""
            <header>
            <p class="eyebrow">OrtPeft training report <span>{report.Created.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}</span></p>
            <h1>{report.Title}</h1>
            <p class="lead">{head.Name} on frozen {report.Backbone.Name} {result}</p>
            </header>
            """;
    }

    static Html Warnings(RunReport report)
    {
        var collapses = report.Heads.Where(head => head.Metrics.Warning is not null).Select(head => $"{head.Name}: {head.Metrics.Warning}");
        var warnings = report.Warnings.Concat(collapses).Select(Warning).ToList();
        return warnings.Count == 0 ? Html.Empty : (Html)$"""<aside class="warnings" aria-label="Warnings">{warnings}</aside>""";

        static Html Warning(string text) => $"<p><strong>Warning</strong> {text}</p>";
    }

    static Html Head(HeadReport head)
    {
        var labels = head.Metrics as ClassificationMetrics;
        var wideMatrix = labels is not null && ConfusionTable.IsWide(labels);
        Html[] details = head.Metrics switch
        {
            ClassificationMetrics m => [Card("Confusion matrix", ConfusionTable.Draw(m), wideMatrix), Card("Label by label", LabelTable.Draw(m.PerLabel), wide: true)],
            LabelTableMetrics m => [Card("Label by label", LabelTable.Draw(m.PerLabel), wide: true)],
            RegressionMetrics m => [Card("Answers and right numbers", ScatterPlot.Draw(m))],
            _ => [],
        };
        Html curve = head.Epochs.Count > 0 ? Card("Learning curve", LearningCurve.Draw(head), wideMatrix) : Html.Empty;
        return Section(head.Name, $"""
            <div class="cards">
            {curve}
            {head.Pictures.Select(p => Card(p.Title, p.Draw(), wide: true))}
            {details}
            {Optional(head.Scores.Count > 0, "How sure it was", () => ScoreHistogram.Draw(head), wide: true)}
            {Optional(head.Scores.Count > 0, "Whether a score is a probability", () => ReliabilityDiagram.Draw(head))}
            {Optional(labels != null && ThresholdCurve.IsFor(head, labels.Labels), "Another threshold", () => ThresholdCurve.Draw(head, labels!.Labels))}
            {Optional(labels != null && ConfusedPairs.IsFor(labels), "Most confused", () => ConfusedPairs.Draw(labels!))}
            {Optional(labels != null && head.Map.Count > 1, "The frozen features", () => FeatureMap.Draw(head, labels!.Labels))}
            {Optional(head.Surprises.Count > 0, "Most surprising", () => PredictionList.Draw(head.Surprises), wide: true)}
            </div>
            """);
    }

    static Html Optional(bool isThere, string title, Func<Html> content, bool wide = false) => isThere ? Card(title, content(), wide) : Html.Empty;

    static Html Section(string title, Html content) => $"<section><h2>{title}</h2>{content}</section>";

    static Html Card(string title, Html content, bool wide = false) =>
        $"""<section class="{(wide ? "card wide" : "card")}"><h3>{title}</h3>{content}</section>""";
}
