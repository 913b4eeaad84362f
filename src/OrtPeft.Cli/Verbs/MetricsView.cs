using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>An evaluation as JSON and as tables.</summary>
static class MetricsView
{
    const int MostConfusionLabels = 12;

    internal static object Json(EvaluationReport report, IReadOnlyDictionary<string, Interval> intervals)
    {
        var metrics = report.Metrics;
        var labels = metrics as ClassificationMetrics;
        return new
        {
            report.Task,
            Metrics = metrics.Values,
            Intervals = intervals.ToDictionary(i => i.Key, i => new[] { i.Value.Lower, i.Value.Upper }),
            metrics.Examples,
            Confusion = labels is null ? null : Enumerable.Range(0, labels.Labels.Count).Select(gold => Enumerable.Range(0, labels.Labels.Count).Select(p => labels.Confusion[gold, p])),
            Labels = PerLabel(metrics).Select(l => new { l.Label, Precision = l.Precision.Value, Recall = l.Recall.Value, l.F1, l.Support }),
            metrics.Warning,
        };
    }

    internal static void Show(IAnsiConsole console, EvaluationReport report, IReadOnlyDictionary<string, Interval> intervals)
    {
        var metrics = report.Metrics;
        console.WriteLine($"{string.Join(", ", Ordered(metrics).Select(m => $"{Metrics.Speak(m.Key)} {Value(m.Key, m.Value)} ({Ends(m.Key, intervals[m.Key])})"))}, {Measures.Count(metrics.Examples, "example")}");
        if (metrics is ClassificationMetrics { IsImbalanced: true })
            console.WriteLine("note: some labels are much rarer than others; macro-F1 counts each label alike, accuracy hides the rare ones.");
        if (metrics.Warning is { } warning)
            console.WriteLine($"warning: {warning}");
        if (PerLabel(metrics) is { Count: > 0 } labels)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn("label").AddNumbers("precision", "recall", "F1", "examples");
            foreach (var label in labels)
                table.AddRow(Markup.Escape(label.Label), Share(label.Precision), Share(label.Recall), Measures.Percent(label.F1), Measures.Count(label.Support));
            console.Write(table);
        }
        if (metrics is ClassificationMetrics { Labels.Count: <= MostConfusionLabels } answers)
            console.Write(Confusion(answers));
    }

    /// <summary>A metric as text: in percent where it is a share.</summary>
    internal static string Value(string name, double value) => Metrics.IsShare(name) ? Measures.Percent(value) : value.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>A difference of metrics as text: in percentage points where they are shares.</summary>
    internal static string Difference(string name, double value) => Metrics.IsShare(name)
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:F1} points")
        : Value(name, value);

    /// <summary>"95.1 to 97.8", in the unit of <see cref="Value"/>.</summary>
    internal static string Ends(string name, Interval interval) => Metrics.IsShare(name)
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * interval.Lower:F1} to {100 * interval.Upper:F1}")
        : string.Create(CultureInfo.InvariantCulture, $"{interval.Lower:F3} to {interval.Upper:F3}");

    /// <summary>Where labels are rare the metric that does not hide them comes first.</summary>
    static IEnumerable<KeyValuePair<string, double>> Ordered(EvaluationMetrics metrics) =>
        metrics is ClassificationMetrics { IsImbalanced: true } ? metrics.Values.OrderBy(m => m.Key == "macroF1" ? 0 : 1) : metrics.Values;

    static IReadOnlyList<LabelMetrics> PerLabel(EvaluationMetrics metrics) => metrics switch
    {
        ClassificationMetrics m => m.PerLabel,
        LabelTableMetrics m => m.PerLabel,
        _ => [],
    };

    static Table Confusion(ClassificationMetrics metrics)
    {
        var confusion = new Table().Border(TableBorder.Simple).AddColumn("gold \\ answered");
        confusion.AddNumbers([.. metrics.Labels]);
        for (var gold = 0; gold < metrics.Labels.Count; gold++)
            confusion.AddRow([Markup.Escape(metrics.Labels[gold]), .. Enumerable.Range(0, metrics.Labels.Count).Select(p => Measures.Count(metrics.Confusion[gold, p]))]);
        return confusion;
    }

    static string Share(Proportion share) => string.Create(CultureInfo.InvariantCulture, $"{Measures.Percent(share.Value)} ({100 * share.Lower:F1} to {100 * share.Upper:F1})");
}
