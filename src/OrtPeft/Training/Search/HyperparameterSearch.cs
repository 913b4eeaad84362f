using System.Globalization;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// Search for batch size and learning rate by successive halving (Jamieson and Talwalkar, arXiv 1502.07943): many settings get few epochs, the
/// best of them more. All trainings share one feature cache, which is what makes it affordable.
/// </summary>
public static class HyperparameterSearch
{
    /// <summary>Every finished training is a line of this file, by which an interrupted search goes on.</summary>
    public const string FileName = "trials.jsonl";

    /// <summary>Runs, or goes on with, a search.</summary>
    /// <param name="tuner">Backbone, method, cache and all options that are not searched; its epochs are those of the last round.</param>
    /// <param name="train">Labelled examples to train on.</param>
    /// <param name="dev">Labelled examples that choose; null holds a part of <paramref name="train"/> back.</param>
    /// <param name="options">What is tried.</param>
    /// <param name="folder">Where trials.jsonl is kept.</param>
    /// <param name="progress">Told of each finished training.</param>
    /// <param name="cancellationToken">Ends the search; finished trainings stay.</param>
    /// <returns>All trainings, round by round; <see cref="Best"/> picks the winner.</returns>
    /// <exception cref="OrtPeftException">An option is not as it must be, or the folder holds another search.</exception>
    public static async Task<IReadOnlyList<SearchTrial>> RunAsync(Tuner tuner, TextData train, TextData? dev, SearchOptions options, string folder,
        IProgress<SearchTrial>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tuner);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var settings = Settings(tuner with { RunFolder = null }, train, options);
        using var log = TrialLog.Open(folder, Header(tuner, train, dev, options));
        var rounds = Rounds(settings.Count, settings[0].Epochs!.Value, options.Reduction);
        IReadOnlyList<int> left = [.. Enumerable.Range(1, settings.Count)];
        List<SearchTrial> all = [];
        for (var round = 1; round <= rounds.Count; round++)
        {
            List<SearchTrial> done = [];
            foreach (var trial in left)
            {
                var training = settings[trial - 1] with { Epochs = rounds[round - 1].Epochs };
                var result = log.Find(round, trial);
                if (result is null)
                {
                    result = await TrainAsync(tuner, train, dev, training, round, trial, cancellationToken).ConfigureAwait(false);
                    log.Add(result);
                }
                progress?.Report(result);
                done.Add(result);
            }
            all.AddRange(done);
            if (round < rounds.Count)
                left = [.. done.OrderByDescending(t => t.Metric).ThenBy(t => t.Trial).Take(rounds[round].Trials).Select(t => t.Trial).Order()];
        }
        return all;
    }

    /// <summary>The best training of the last round; of equal ones the first.</summary>
    public static SearchTrial Best(IReadOnlyList<SearchTrial> trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        return trials.Where(t => t.Round == trials[^1].Round).OrderByDescending(t => t.Metric).ThenBy(t => t.Trial).First();
    }

    /// <summary>How many settings each round trains, and for how many epochs: the last round has all epochs, each one before it fewer by the reduction.</summary>
    internal static IReadOnlyList<(int Trials, int Epochs)> Rounds(int trials, int epochs, int reduction)
    {
        var counts = new List<int> { trials };
        while (counts[^1] >= reduction && epochs / Math.Pow(reduction, counts.Count) >= 1)
            counts.Add(counts[^1] / reduction);
        return [.. counts.Select((count, i) => (count, (int)Math.Round(epochs / Math.Pow(reduction, counts.Count - 1 - i))))];
    }

    /// <summary>Learning rates log-uniform in their range, batch sizes in turn.</summary>
    static IReadOnlyList<TrainingOptions> Settings(Tuner tuner, TextData train, SearchOptions options)
    {
        var training = tuner.Training.Resolve(tuner.Method.Defaults(train.Count));
        var random = new CounterRandom(options.Seed, "search");
        var (from, to) = (Math.Log(options.LearningRateFrom), Math.Log(options.LearningRateTo));
        return [.. Enumerable.Range(0, options.Trials).Select(i => training with
        {
            LearningRate = double.Parse(Math.Exp(from + (to - from) * random.NextSingle()).ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            BatchSize = options.BatchSizes[i % options.BatchSizes.Count],
            Seed = training.Seed + i,
        })];
    }

    static async Task<SearchTrial> TrainAsync(Tuner tuner, TextData train, TextData? dev, TrainingOptions training, int round, int trial, CancellationToken cancellationToken)
    {
        var result = new SearchTrial
        {
            Round = round,
            Trial = trial,
            LearningRate = training.LearningRate!.Value,
            BatchSize = training.BatchSize!.Value,
            Epochs = training.Epochs!.Value,
            Seed = training.Seed,
            Metric = double.MinValue,
            Seconds = 0,
        };
        try
        {
            var tuned = await (tuner with { RunFolder = null }).With(training).FitAsync(train, dev, cancellationToken: cancellationToken).ConfigureAwait(false);
            return tuned.Failure is { } failure
                ? result with { Failure = failure }
                : result with { Metric = tuned.Best.Metrics[tuned.Training.SelectBy], Seconds = tuned.TrainSeconds };
        }
        catch (OrtPeftException e)
        {
            // Options and data were checked before: what fails here is this setting.
            return result with { Failure = e.Message };
        }
    }

    /// <summary>What a resumed search must have in common with the first part.</summary>
    static string Header(Tuner tuner, TextData train, TextData? dev, SearchOptions options) =>
        FileHash.OfText($"{new TuningRun(tuner with { RunFolder = null }, train, dev).RunHash} {JsonSerializer.Serialize(options, Json.Compact)}");
}
