using System.Diagnostics;

namespace OrtPeft;

/// <summary>What a training is going to do and to cost, told before it starts.</summary>
public sealed record TuningPlan
{
    const int SampleTexts = 16;

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>What is learned, such as "classification".</summary>
    public required string Task { get; init; }

    /// <summary>Where the trained part begins: frozen tensors that are cached, or the model's own inputs where nothing is.</summary>
    public required IReadOnlyList<string> Frontier { get; init; }

    /// <summary>Bytes that the cached features take; 0 where nothing is cached.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Tokens of all texts.</summary>
    public required long Tokens { get; init; }

    /// <summary>Trained values of the result.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>The same as a share of the backbone's weights, in percent.</summary>
    public required double TrainablePercent { get; init; }

    /// <summary>Passes over the training data at most, those of all stages.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps of all epochs of all stages.</summary>
    public required long Steps { get; init; }

    /// <summary>Runs of the backbone over one example that the cache makes unnecessary.</summary>
    public required long ForwardPassesSaved { get; init; }

    /// <summary>Seconds that filling the cache takes, from the measured speed of the backbone.</summary>
    public required double CacheSeconds { get; init; }

    /// <summary>Seconds of one step, measured; the mean where stages differ.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Seconds of all steps.</summary>
    public double TrainSeconds => Steps * StepSeconds;

    /// <summary>Largest memory of the process after a step, bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>A method that usually fits such data, and why.</summary>
    public required MethodAdvice Advice { get; init; }

    /// <summary>Measures on a few texts.</summary>
    internal static TuningPlan Of(TuningRun run, Tuner tuner, CancellationToken cancellationToken)
    {
        var (backbone, data, options) = (tuner.Backbone, run.Data, run.Training);
        var texts = run.Train.Concat(run.Dev).SelectMany(run.Task.Texts).ToArray();
        var lengths = texts.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(text => backbone.Read(text, tuner.Features.MaxLength).Length).ToArray();
        var tokens = lengths.Sum(l => (long)l);
        var fingerprint = data.Features is { } features ? FeatureFingerprint.Of(backbone, features, tuner.Execution) : null;
        var cacheSeconds = fingerprint is null || run.Tunable.Encoder is { Frontier: null } ? 0 : tokens / TokensPerSecond(tuner, data.Features!, texts, cancellationToken);
        var own = Cost(run, run.Tunable.Solve is null ? StepTime(run, tuner) : 0);
        var all = tuner.Method.Stages.Select(stage => CostOf(stage)).Append(own).ToArray();
        var (epochs, steps, seconds) = (all.Sum(s => s.Epochs), all.Sum(s => s.Steps), all.Sum(s => s.Seconds));
        var parameters = tuner.Method.Stages.Count == 0 ? run.Tunable.Parameters : tuner.Method.CountParameters(backbone, run.Task);
        return new TuningPlan
        {
            Method = tuner.Method.Method,
            Task = run.Task.Name,
            Frontier = [.. fingerprint?.Tensors.Select(t => t.Name) ?? backbone.InputNames],
            CacheBytes = fingerprint is null ? 0 : lengths.Sum(fingerprint.BytesOf),
            Tokens = tokens,
            TrainableParameters = parameters,
            TrainablePercent = 100.0 * parameters / Math.Max(1, backbone.Parameters),
            Epochs = epochs,
            Steps = steps,
            ForwardPassesSaved = fingerprint is null ? 0 : (long)(run.Train.Count + run.Dev.Count) * Math.Max(0, epochs - 1),
            CacheSeconds = cacheSeconds,
            StepSeconds = steps == 0 ? 0 : seconds / steps,
            MemoryBytes = Process.GetCurrentProcess().PeakWorkingSet64,
            Advice = MethodAdvice.For(run.Train.Count, run.Task),
        };

        (int Epochs, long Steps, double Seconds) CostOf(Stage stage)
        {
            var staged = tuner with { Method = stage.Planned ?? tuner.Method, Training = stage.Training(tuner.Training), RunFolder = null, Trackers = [] };
            var of = new TuningRun(staged, run.Examples);
            return Cost(of, of.Tunable.Solve is not null ? 0 : stage.Planned is null && own.Steps > 0 ? own.Seconds / own.Steps : StepTime(of, staged));
        }
    }

    static (int Epochs, long Steps, double Seconds) Cost(TuningRun run, double stepSeconds)
    {
        var epochs = run.Tunable.Solve is null ? run.Training.Epochs!.Value : 0;
        var steps = (long)epochs * ((run.Train.Count + run.Training.BatchSize!.Value - 1) / run.Training.BatchSize.Value);
        return (epochs, steps, steps * stepSeconds);
    }

    /// <summary>The frozen part's speed on a few texts, called as the caching job calls it.</summary>
    static double TokensPerSecond(Tuner tuner, FeatureOptions features, Example[] texts, CancellationToken cancellationToken)
    {
        var sample = Spread(texts.Length).Select(i => tuner.Backbone.Read(texts[i], tuner.Features.MaxLength)).ToArray();
        using var encoder = new FrozenEncoder(tuner.Backbone, tuner.Execution, BackboneSites.Resolve(tuner.Backbone, features.At), intraOpThreads: 1);
        var runs = FeaturePlan.Runs([.. sample.Select(t => t.Length)], features.On(tuner.Execution).TokensPerRun);
        RunAll(); // the first time a session allocates
        var watch = Stopwatch.StartNew();
        RunAll();
        return sample.Sum(t => t.Length) / Math.Max(1e-6, watch.Elapsed.TotalSeconds);

        void RunAll() => Parallel.ForEach(runs, new ParallelOptions { MaxDegreeOfParallelism = encoder.Threads, CancellationToken = cancellationToken },
            run => encoder.RunSite([.. run.Select(i => sample[i])], (_, _) => { }));
    }

    /// <summary>One step on a batch of the data; features that would be cached are zeros.</summary>
    static double StepTime(TuningRun run, Tuner tuner)
    {
        var set = new UncachedSet(run, tuner);
        using var engine = TrainingEngines.Create(new TrainingJob { Tunable = run.Tunable, Options = run.Training, Task = run.Task, Train = set, Dev = set, Execution = tuner.Execution });
        using var batch = set.Batch([.. Enumerable.Range(0, Math.Min(run.Training.BatchSize!.Value, run.Train.Count))]);
        engine.Train(batch, 0);
        var watch = Stopwatch.StartNew();
        engine.Train(batch, 0);
        return watch.Elapsed.TotalSeconds;
    }

    static IEnumerable<int> Spread(int count) => Enumerable.Range(0, Math.Min(count, SampleTexts)).Select(i => (int)((long)i * count / Math.Min(count, SampleTexts)));
}
