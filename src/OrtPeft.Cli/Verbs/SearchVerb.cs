using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft search`: batch size and learning rate for a method, by many trainings on one feature cache.</summary>
static class SearchVerb
{
    static readonly SearchOptions Defaults = new();
    static readonly Option<string> Out = new("--out") { Description = "Folder for trials.jsonl; the same command goes on with a search there.", HelpName = "FOLDER", Required = true };
    static readonly Option<int> Trials = new("--trials") { Description = "Settings that are tried at first.", HelpName = "N", DefaultValueFactory = _ => Defaults.Trials };
    static readonly Option<double> From = CommonOptions.Number("--learning-rate-from", "Smallest learning rate.", Defaults.LearningRateFrom);
    static readonly Option<double> To = CommonOptions.Number("--learning-rate-to", "Largest learning rate.", Defaults.LearningRateTo);
    static readonly Option<int[]> BatchSizes = new("--batch-sizes") { Description = "Batch sizes to choose from; may be given several times.", HelpName = "N", DefaultValueFactory = _ => [.. Defaults.BatchSizes] };
    static readonly Option<int> Reduction = new("--reduction") { Description = "Of this many settings one goes on to the next round, which has this many times as many epochs.", HelpName = "N", DefaultValueFactory = _ => Defaults.Reduction };
    static readonly Option<bool> RangeTest = new("--range-test") { Description = "Only find a learning rate: one pass with a rising one." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("search", "Finds batch size and learning rate by successive halving on cached features; or a learning rate by one pass.", """
            Examples:
              ortpeft search --model onnx-models/all-minilm-l6-v2 --train train.jsonl --dev dev.jsonl --out search
              ortpeft search --model onnx-models/all-minilm-l6-v2 --train train.jsonl --range-test --out search
            """,
            [.. TrainVerb.Shared, Out, Trials, From, To, BatchSizes, Reduction, RangeTest]);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var (tuner, train, dev) = TrainVerb.Tuner(parsed, output, TrainVerb.MethodOf(parsed), cancellationToken);
        if (parsed.GetValue(RangeTest))
        {
            var (points, suggestion) = await LearningRateFinder.RunAsync(tuner, train, dev, cancellationToken).ConfigureAwait(false);
            output.Result(new { Suggestion = suggestion, Points = points }, console =>
                console.WriteLine(FormattableString.Invariant($"The loss falls fastest at learning rate {suggestion:G2}: try --learning-rate {suggestion:G2}.")));
            return CommandLine.Done;
        }
        var options = new SearchOptions
        {
            Trials = parsed.GetValue(Trials),
            LearningRateFrom = parsed.GetValue(From),
            LearningRateTo = parsed.GetValue(To),
            BatchSizes = parsed.GetValue(BatchSizes)!,
            Reduction = parsed.GetValue(Reduction),
            Seed = parsed.GetValue(CommonOptions.Seed),
        };
        var trials = await HyperparameterSearch.RunAsync(tuner, train, dev, options, parsed.GetValue(Out)!, new Lines(output), cancellationToken).ConfigureAwait(false);
        var best = HyperparameterSearch.Best(trials);
        output.Result(new { Best = best, Trials = trials, Seconds = trials.Sum(t => t.Seconds) }, console =>
        {
            console.WriteLine($"{Measures.Count(trials.Count, "training")} in {Measures.Seconds(trials.Sum(t => t.Seconds))}.");
            console.WriteLine(FormattableString.Invariant($"Best: --learning-rate {best.LearningRate} --batch-size {best.BatchSize} --epochs {best.Epochs} --seed {best.Seed} ({best.Metric:P1} on the dev part)"));
        });
        return CommandLine.Done;
    }

    /// <summary>A line for each finished training.</summary>
    sealed class Lines(Output output) : IProgress<SearchTrial>
    {
        public void Report(SearchTrial value) => output.Say(string.Create(CultureInfo.InvariantCulture,
            $"Round {value.Round}, setting {value.Trial}: learning rate {value.LearningRate}, batch size {value.BatchSize}, {Measures.Count(value.Epochs, "epoch")}: {value.Failure ?? value.Metric.ToString("P1", CultureInfo.InvariantCulture)}"));
    }
}
