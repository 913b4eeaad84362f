using System.Diagnostics;

namespace OrtPeft;

/// <summary>One method of a comparison.</summary>
/// <param name="Method">Its name; of one of several settings of a method also the setting's.</param>
/// <param name="Folder">Where its adapter is.</param>
/// <param name="Tuned">How training went.</param>
/// <param name="Evaluation">Its answers on the part that is compared on.</param>
/// <param name="Intervals">95 % intervals of its metrics (bootstrap).</param>
public sealed record ComparedMethod(string Method, string Folder, TunedModel Tuned, EvaluationReport Evaluation, IReadOnlyDictionary<string, Interval> Intervals)
{
    /// <summary>How much better the best method is; null for the best itself.</summary>
    public MetricDifference? BehindBest { get; init; }
}

/// <summary>Several methods trained on one data set from one cache, and compared on the same texts.</summary>
public sealed record MethodComparison
{
    MethodComparison(IReadOnlyList<ComparedMethod> rows, string metric, string evaluatedOn, double seconds) =>
        (Rows, Metric, EvaluatedOn, Seconds) = (rows, metric, evaluatedOn, seconds);

    /// <summary>The methods in the order in which they were asked for.</summary>
    public IReadOnlyList<ComparedMethod> Rows { get; }

    /// <summary>The metric that decides which is best.</summary>
    public string Metric { get; }

    /// <summary>"test", or "dev" when there are no test data.</summary>
    public string EvaluatedOn { get; }

    /// <summary>Wall time of everything, caching included.</summary>
    public double Seconds { get; }

    /// <summary>The method with the highest metric; of equal ones the one with fewer trained values.</summary>
    public ComparedMethod Best => Rows.MaxBy(row => (row.Evaluation.Metrics[Metric], -row.Tuned.Adapter.Info.TrainableParameters))!;

    /// <summary>Trains and compares.</summary>
    /// <param name="tuner">Everything but the method.</param>
    /// <param name="methods">The methods; of one that asks for several settings, such as ttc with ablation=all, each is a row, and stages that they have in common are run once.</param>
    /// <param name="train">Training data.</param>
    /// <param name="dev">Data that choose epochs and strengths; null holds a tenth of <paramref name="train"/> back.</param>
    /// <param name="test">Data to compare on; null compares on the dev part, which the choices were made on.</param>
    /// <param name="folder">Where the adapters go, each into a folder of its own.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends the work; the same call takes it up again.</param>
    public static async Task<MethodComparison> RunAsync(Tuner tuner, IReadOnlyList<MethodOptions> methods, TextData train, TextData? dev, TextData? test, string folder,
        IProgress<TuningProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tuner);
        ArgumentNullException.ThrowIfNull(methods);
        var watch = Stopwatch.StartNew();
        var stages = StagedRun.FolderOf(folder);
        var runs = methods.SelectMany(method => method.Variants is { Count: > 0 } variants
                ? variants.Select(v => (Name: $"{method.Method}-{v.Name}", v.Options, Stages: (string?)Path.Combine(stages, method.Method)))
                : [(Name: method.Method, Options: method, Stages: null)])
            .Select(m => (m.Name, m.Options, Folder: Path.Combine(folder, m.Name), m.Stages))
            // Everything is checked before anything is trained.
            .Select(m => (Method: m.Name, m.Folder, Run: new TuningRun(tuner.With(m.Options).SaveIn(m.Folder, resume: true, overwrite: true) with { StagesFolder = m.Stages }, train, dev))).ToArray();
        if (test is not null && Duplicates.Describe(train, test, "test") is { } duplicates)
            progress?.Report(new TuningProgress { Notice = duplicates });
        var rows = new List<ComparedMethod>();
        foreach (var (method, adapterFolder, run) in runs)
        {
            progress?.Report(new TuningProgress { Notice = $"Training {method}." });
            var tuned = await run.FitAsync(rows.Count == 0 ? progress : Quieter.Of(progress), cancellationToken).ConfigureAwait(false);
            tuned.Save(adapterFolder);
            var evaluation = test is null ? tuned.Dev
                : await EvaluationReport.FromCacheAsync(tuned.Adapter, tuner.Backbone, test, tuned.Features?.Folder ?? tuner.CacheFolder, tuner.Features, tuner.Execution, null, cancellationToken).ConfigureAwait(false);
            rows.Add(new ComparedMethod(method, adapterFolder, tuned, evaluation, Bootstrap.Intervals(evaluation)));
        }
        var all = new MethodComparison(rows, runs[0].Run.Training.SelectBy, test is null ? "dev" : "test", watch.Elapsed.TotalSeconds);
        var best = all.Best;
        return new MethodComparison([.. rows.Select(row => row == best ? row : row with { BehindBest = Bootstrap.Compare(best.Evaluation, row.Evaluation, all.Metric) })],
            all.Metric, all.EvaluatedOn, watch.Elapsed.TotalSeconds);
    }

    /// <summary>What is true of the data is said for the first method, not again for each.</summary>
    sealed class Quieter(IProgress<TuningProgress> target) : IProgress<TuningProgress>
    {
        internal static Quieter? Of(IProgress<TuningProgress>? target) => target is null ? null : new Quieter(target);

        public void Report(TuningProgress value)
        {
            if (value.Notice is null)
                target.Report(value);
        }
    }
}
