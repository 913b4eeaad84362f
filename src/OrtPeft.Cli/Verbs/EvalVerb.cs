using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft eval`: metrics of an adapter on labelled data.</summary>
static partial class EvalVerb
{
    static readonly Argument<string> Folder = new("ADAPTER") { Description = "Folder of a trained adapter." };
    static readonly Option<string> Data = new("--data") { Description = "Labelled data set: .jsonl, .csv or .tsv, also .gz.", HelpName = "FILE", Required = true };
    static readonly Option<string[]> Require = new("--require") { Description = "A condition such as accuracy>=0.9; exit code 3 when it does not hold. May be given several times.", HelpName = "CONDITION" };
    static readonly Option<string?> Model = new("--model") { Description = "The adapter's backbone, when it is no longer where it was.", HelpName = "PATH" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("eval", "Metrics of an adapter on labelled data: accuracy, macro-F1, confusion matrix, per-label table.", """
            Example:
              ortpeft eval adapters/mails --data test.jsonl --require "accuracy>=0.9"
            """,
            Folder, Data, Require, Model, CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Label, CommonOptions.Id);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var conditions = (parsed.GetValue(Require) ?? []).Select(Condition).ToArray();
        var data = TextData.Load(parsed.GetValue(Data)!, CommonOptions.Columns(parsed));
        using var predictor = Predictor.Load(parsed.GetValue(Folder)!, parsed.GetValue(Model), CommonOptions.Execution(parsed));
        var display = new AnsweringDisplay(output, data.Count);
        var metrics = (await display.ShowAsync(() => predictor.Evaluate(data, display, cancellationToken)).ConfigureAwait(false)).Metrics;
        output.Result(ToJson(metrics), console => Show(console, metrics));
        var broken = conditions.Where(c => !c.Holds(Metrics.Named(c.Metric)(metrics.Confusion))).ToArray();
        foreach (var condition in broken)
            Console.Error.WriteLine($"error: --require {condition.Text} does not hold: {condition.Metric} is {Metrics.Named(condition.Metric)(metrics.Confusion).ToString("F4", CultureInfo.InvariantCulture)}.");
        return broken.Length > 0 ? CommandLine.CheckFailed : CommandLine.Done;
    }

    internal static object ToJson(ClassificationMetrics metrics) => new
    {
        Metrics = Metrics.All.ToDictionary(m => m.Key, m => m.Value(metrics.Confusion)),
        Examples = metrics.Confusion.Total,
        Confusion = Enumerable.Range(0, metrics.Labels.Count).Select(gold => Enumerable.Range(0, metrics.Labels.Count).Select(p => metrics.Confusion[gold, p])),
        Labels = metrics.PerLabel.Select(l => new { l.Label, Precision = l.Precision.Value, Recall = l.Recall.Value, l.F1, l.Support }),
        metrics.Warning,
    };

    internal static void Show(IAnsiConsole console, ClassificationMetrics metrics)
    {
        console.WriteLine($"accuracy {Interval(metrics.Accuracy)}, macro-F1 {Measures.Percent(metrics.MacroF1)}, {Measures.Count(metrics.Confusion.Total)} examples");
        if (metrics.Warning is { } warning)
            console.WriteLine($"warning: {warning}");
        var table = new Table().Border(TableBorder.Simple).AddColumn("label").AddNumbers("precision", "recall", "F1", "examples");
        foreach (var label in metrics.PerLabel)
            table.AddRow(Markup.Escape(label.Label), Interval(label.Precision), Interval(label.Recall), Measures.Percent(label.F1), Measures.Count(label.Support));
        console.Write(table);
        if (metrics.Labels.Count > 12)
            return;
        var confusion = new Table().Border(TableBorder.Simple).AddColumn("gold \\ answered");
        confusion.AddNumbers([.. metrics.Labels]);
        for (var gold = 0; gold < metrics.Labels.Count; gold++)
            confusion.AddRow([Markup.Escape(metrics.Labels[gold]), .. Enumerable.Range(0, metrics.Labels.Count).Select(p => Measures.Count(metrics.Confusion[gold, p]))]);
        console.Write(confusion);
    }

    static string Interval(Proportion share) => $"{Measures.Percent(share.Value)} ({100 * share.Lower:F1} to {100 * share.Upper:F1})";

    static Requirement Condition(string text)
    {
        var match = ConditionPattern().Match(text);
        if (!match.Success)
            throw new OrtPeftException($"--require '{text}' is not a condition; expected a metric, a comparison (>=, >, <=, <) and a number, such as accuracy>=0.9.");
        _ = Metrics.Named(match.Groups[1].Value);
        return new Requirement(text, match.Groups[1].Value, match.Groups[2].Value, double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^\s*(\w+)\s*(>=|<=|>|<)\s*([0-9]*\.?[0-9]+)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConditionPattern();

    sealed record Requirement(string Text, string Metric, string Comparison, double Bound)
    {
        internal bool Holds(double value) => Comparison switch
        {
            ">=" => value >= Bound,
            ">" => value > Bound,
            "<=" => value <= Bound,
            _ => value < Bound,
        };
    }
}
