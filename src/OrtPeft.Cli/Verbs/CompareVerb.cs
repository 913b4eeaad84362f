using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft compare`: several methods on one data set from one cache.</summary>
static class CompareVerb
{
    static readonly Option<string> Model = new("--model") { Description = CommonOptions.Model.Description, HelpName = "PATH", Required = true };
    static readonly Option<string> Methods = new("--methods") { Description = $"Methods, joined by commas; default: all, {string.Join(",", TuningMethods.Table.Keys)}.", HelpName = "A,B,C", DefaultValueFactory = _ => string.Join(',', TuningMethods.Table.Keys) };
    static readonly Option<string[]> Set = new("--set") { Description = "Option of a method, such as mlp.hidden=64. May be given several times.", HelpName = "METHOD.OPTION=VALUE" };
    static readonly Option<string> Train = new("--train") { Description = $"Labelled training data: {CommonOptions.DataFormats}.", HelpName = "FILE", Required = true };
    static readonly Option<string?> Dev = new("--dev") { Description = "Labelled data that choose epochs and strengths; default: a tenth of the training data is held back.", HelpName = "FILE" };
    static readonly Option<string?> Test = new("--test") { Description = "Labelled data to compare on; default: the dev part, on which the choices were made.", HelpName = "FILE" };
    static readonly Option<string> Out = new("--out") { Description = "Folder for the adapters and report.html.", HelpName = "FOLDER", DefaultValueFactory = _ => "comparison" };
    static readonly Option<string> Cache = new("--cache") { Description = "Feature cache folder, filled when needed.", HelpName = "FOLDER", DefaultValueFactory = _ => "features" };
    static readonly Option<string?> SelectBy = new("--select-by") { Description = "Metric that decides; default: the task's, such as macroF1.", HelpName = "NAME" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("compare", "Trains several methods on one data set from one cache and says which differences are more than noise.", """
            Example:
              ortpeft compare --model onnx-models/all-minilm-l6-v2 --methods ridge,lda,linear-probe,mlp --train train.jsonl --dev dev.jsonl --test test.jsonl
            """,
            [Model, CommonOptions.Tokenizer, Methods, Set, Train, Dev, Test, Out, Cache, .. TaskOptionSet.All, SelectBy, CommonOptions.MaxLength, CommonOptions.DType, CommonOptions.Seed,
                CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Image, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.Label, CommonOptions.Tokens, CommonOptions.Tags, CommonOptions.Weight, CommonOptions.Id]);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var folder = parsed.GetValue(Out)!;
        var methods = Parse(parsed.GetValue(Methods)!, parsed.GetValue(Set) ?? []);
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var train = CommonOptions.Data(parsed, output, parsed.GetValue(Train)!, cancellationToken);
        var (dev, test) = (Load(parsed.GetValue(Dev)), Load(parsed.GetValue(Test)));
        var tuner = Tuner.For(backbone).With(TaskOptionSet.Read(parsed)).With(CommonOptions.Features(parsed)).With(CommonOptions.Execution(parsed, output))
            .With(new TrainingOptions { Seed = parsed.GetValue(CommonOptions.Seed), SelectBy = parsed.GetValue(SelectBy) ?? "" }).CacheIn(parsed.GetValue(Cache)!);
        var display = new TuningDisplay(output);
        var result = await display.ShowAsync(() => MethodComparison.RunAsync(tuner, methods, train, dev, test, folder, display, cancellationToken)).ConfigureAwait(false);
        var report = TuningReport.Write(folder, backbone, result, test?.Count ?? 0);
        output.Result(Json(result, report), console => Show(console, result, report));
        return CommandLine.Done;

        TextData? Load(string? path) => path is null ? null : CommonOptions.Data(parsed, output, path, cancellationToken);
    }

    static MethodOptions[] Parse(string names, string[] settings)
    {
        string[] methods = [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        if (methods.Length == 0)
            throw new OrtPeftException($"--methods names none; expected some of {string.Join(",", TuningMethods.Table.Keys)}.");
        foreach (var setting in settings)
        {
            if (!methods.Any(method => setting.StartsWith(method + ".", StringComparison.Ordinal)))
                throw new OrtPeftException($"--set '{setting}' is for none of the methods {string.Join(", ", methods)}; expected METHOD.OPTION=VALUE.");
        }
        return [.. methods.Select(method => TuningMethods.Parse(method, settings.Where(s => s.StartsWith(method + ".", StringComparison.Ordinal)).Select(s => s[(method.Length + 1)..])))];
    }

    internal static object Json(MethodComparison result, string report) => new
    {
        Rows = result.Rows.Select(row => new
        {
            row.Method,
            Metrics = row.Evaluation.Metrics.Values,
            Intervals = row.Intervals.ToDictionary(i => i.Key, i => new[] { i.Value.Lower, i.Value.Upper }),
            row.Tuned.Adapter.Info.TrainableParameters,
            row.Tuned.TrainSeconds,
            Bytes = TuningReport.AdapterBytes(row.Folder),
            Best = row.BehindBest is null,
            BehindBest = row.BehindBest is { } behind ? new { behind.Value, Interval = new[] { behind.Interval.Lower, behind.Interval.Upper }, behind.McNemar, behind.IsWithinNoise } : null,
            row.Tuned.Failure,
            Warning = row.Evaluation.Metrics.Warning,
            Adapter = row.Folder,
        }),
        result.Metric,
        result.EvaluatedOn,
        Examples = result.Rows[0].Evaluation.Metrics.Examples,
        CacheSeconds = CacheSeconds(result),
        result.Seconds,
        Report = report,
    };

    internal static void Show(IAnsiConsole console, MethodComparison result, string report)
    {
        string[] names = [.. result.Rows[0].Evaluation.Metrics.Values.Keys.Where(name => name != result.Metric).Prepend(result.Metric).Take(3)];
        var table = new Table().Border(TableBorder.Simple).AddColumn("method").AddNumbers([.. names.Select(Metrics.Speak)]).AddNumbers("trained parameters", "training", "bytes").AddColumn("against the best");
        foreach (var row in result.Rows)
        {
            table.AddRow([Markup.Escape(row.Method), .. names.Select((name, i) => Metric(row, name, withInterval: i == 0)), Measures.Count(row.Tuned.Adapter.Info.TrainableParameters),
                Measures.Seconds(row.Tuned.TrainSeconds), Measures.Bytes(TuningReport.AdapterBytes(row.Folder)), Verdict(result, row)]);
        }
        console.Write(table);
        foreach (var row in result.Rows)
        {
            if ((row.Tuned.Failure ?? row.Evaluation.Metrics.Warning) is { } warning)
                console.WriteLine($"warning: {row.Method}: {warning}");
        }
        console.WriteLine($"On {Measures.Count(result.Rows[0].Evaluation.Metrics.Examples)} {result.EvaluatedOn} examples; intervals and differences by {Measures.Count(Bootstrap.Resamples)} bootstrap samples. " +
            $"All together {Measures.Seconds(result.Seconds)}, of which caching {Measures.Seconds(CacheSeconds(result))}.");
        console.WriteLine($"Report: {report}");
    }

    static double CacheSeconds(MethodComparison result) => result.Rows.Sum(row => row.Tuned.Features?.Seconds ?? 0);

    static string Metric(ComparedMethod row, string name, bool withInterval)
    {
        var value = MetricsView.Value(name, row.Evaluation.Metrics[name]);
        return withInterval ? $"{value} ({MetricsView.Ends(name, row.Intervals[name])})" : value;
    }

    /// <summary>How far behind the best, and whether that may be chance.</summary>
    internal static string Verdict(MethodComparison result, ComparedMethod row) => row.BehindBest switch
    {
        null => "best",
        { Value: 0 } => "equal",
        { IsWithinNoise: true } behind => $"-{MetricsView.Difference(result.Metric, behind.Value)}, within noise",
        var behind => $"-{MetricsView.Difference(result.Metric, behind.Value)}, worse",
    };
}
