using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrtPeft;

/// <summary>`ortpeft eval`: metrics of an adapter on labelled data.</summary>
static partial class EvalVerb
{
    static readonly Argument<string> Folder = new("ADAPTER") { Description = "Folder of a trained adapter." };
    static readonly Option<string> Data = new("--data") { Description = $"Labelled data set: {CommonOptions.DataFormats}.", HelpName = "FILE", Required = true };
    static readonly Option<string[]> Require = new("--require") { Description = "A condition such as accuracy>=0.9; exit code 3 when it does not hold. May be given several times.", HelpName = "CONDITION" };
    static readonly Option<string?> Model = new("--model") { Description = "The adapter's backbone, when it is no longer where it was.", HelpName = "PATH" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("eval", "Metrics of an adapter on labelled data with 95 % intervals (bootstrap), confusion matrix, per-label table.", """
            Example:
              ortpeft eval adapters/mails --data test.jsonl --require "accuracy>=0.9"
            """,
            Folder, Data, Require, Model, CommonOptions.Compiled, CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Image, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.Label, CommonOptions.Tokens, CommonOptions.Tags, CommonOptions.Id);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var conditions = (parsed.GetValue(Require) ?? []).Select(Condition).ToArray();
        var data = CommonOptions.Data(parsed, output, parsed.GetValue(Data)!, cancellationToken);
        using var predictor = Predictor.Load(parsed.GetValue(Folder)!, parsed.GetValue(Model), CommonOptions.Execution(parsed, output));
        if (AlsoTrainedOn(parsed.GetValue(Folder)!, data) is { } duplicates)
            output.Say(duplicates);
        var display = new AnsweringDisplay(output, data.Count);
        foreach (var condition in conditions)
            predictor.RequireMetric(condition.Metric);
        var report = await display.ShowAsync(() => predictor.Evaluate(data, display, cancellationToken)).ConfigureAwait(false);
        var intervals = Bootstrap.Intervals(report);
        output.Result(MetricsView.Json(report, intervals), console => MetricsView.Show(console, report, intervals));
        var broken = conditions.Where(c => !c.Holds(report.Metrics[c.Metric])).ToArray();
        foreach (var condition in broken)
            Console.Error.WriteLine($"error: --require {condition.Text} does not hold: {condition.Metric} is {report.Metrics[condition.Metric].ToString("F4", CultureInfo.InvariantCulture)}.");
        return broken.Length > 0 ? CommandLine.CheckFailed : CommandLine.Done;
    }

    /// <summary>What the adapter was trained on, where run.json says so and it is still there; else null.</summary>
    static IEnumerable<Example>? TrainedOn(string adapter)
    {
        var path = Path.Combine(adapter, RunFile.FileName);
        if (!File.Exists(path))
            return null;
        var run = Json.Read<JsonObject>(path, "Run file", "Delete it; it is not needed to evaluate.");
        return Option("train") is { } train && Path.Exists(train)
            ? TextData.Read(train, new ColumnNames { Text = Option("text"), TextPair = Option("text-pair"), Label = Option("label"), Id = Option("id"), Image = Option("image"), White = run["white"]?.GetValue<double>() ?? 255, Tokens = Option("tokens"), Tags = Option("tags") })
            : null;

        string? Option(string name) => run[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
    }

    static string? AlsoTrainedOn(string adapter, TextData data)
    {
        try
        {
            return TrainedOn(adapter) is { } train ? Duplicates.Describe(train, data, "test") : null;
        }
        catch (OrtPeftException)
        {
            return null; // The training data have changed since; the evaluation does not need them.
        }
    }

    static Requirement Condition(string text)
    {
        var match = ConditionPattern().Match(text);
        if (!match.Success)
            throw new OrtPeftException($"--require '{text}' is not a condition; expected a metric, a comparison (>=, >, <=, <) and a number, such as accuracy>=0.9.");
        if (!Metrics.Names.Contains(match.Groups[1].Value))
            throw new OrtPeftException($"There is no metric '{match.Groups[1].Value}'; expected {string.Join(" or ", Metrics.Names)}.");
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
