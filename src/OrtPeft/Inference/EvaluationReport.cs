namespace OrtPeft;

/// <summary>Answers on a labelled data set and what they are worth.</summary>
public sealed record EvaluationReport
{
    /// <summary>More points than a picture shows.</summary>
    const int MostPoints = 2000;

    readonly LearningTask _task;
    readonly Targets _targets;
    readonly IReadOnlyList<float[]> _scores;

    internal EvaluationReport(LearningTask task, TextData data, Targets targets, IReadOnlyList<float[]> scores, WordPlaces words)
    {
        (_task, _targets, _scores) = (task, targets, scores);
        Examples = data;
        Metrics = task.Measure(targets, scores);
        Predictions = [.. data.Select((example, i) => task.Answer(example, scores[i], words))];
        Gold = targets.Kind is TargetKind.Class or TargetKind.Level ? [.. Enumerable.Range(0, targets.Count).Select(targets.Class)] : [];
    }

    /// <summary>Which task it was.</summary>
    public string Task => _task.Name;

    /// <summary>The metrics; of which class depends on the task.</summary>
    public EvaluationMetrics Metrics { get; }

    /// <summary>The metrics of one of several labels: accuracy, macro-F1, per-label values, confusion matrix.</summary>
    /// <exception cref="InvalidOperationException">The task has other metrics.</exception>
    public ClassificationMetrics Classification => Metrics as ClassificationMetrics ?? throw new InvalidOperationException($"The task {Task} has no confusion matrix.");

    /// <summary>The right label of each example, as its place among the labels; empty when there is not exactly one.</summary>
    public IReadOnlyList<int> Gold { get; }

    /// <summary>What was evaluated on.</summary>
    internal TextData Examples { get; }

    /// <summary>Mean frozen features of the first examples; empty when they were not at hand.</summary>
    internal IReadOnlyList<float[]> Pooled { get; private init; } = [];

    /// <summary>The answer for each example.</summary>
    public IReadOnlyList<Prediction> Predictions { get; }

    /// <summary>The metrics of some of the examples, perhaps several times the same.</summary>
    internal EvaluationMetrics MeasureOnly(IReadOnlyList<int> examples) => _task.Measure(_targets, _scores, examples);

    /// <summary>Evaluates on cached features: no text passes the backbone that is in the cache.</summary>
    internal static async Task<EvaluationReport> FromCacheAsync(Adapter adapter, Backbone backbone, TextData data, string cacheFolder, FeatureOptions features,
        ExecutionOptions execution, IProgress<FeatureProgress>? progress, CancellationToken cancellationToken)
    {
        var texts = data.SelectMany(LearningTasks.Restore(adapter.Info).Texts).ToArray();
        features = features with { At = LastLayers.SiteOf(TrainedHead.Declare(adapter.Info, backbone).Layers) };
        var job = await FeatureJob.RunAsync(backbone, texts, cacheFolder, features, execution, progress, cancellationToken).ConfigureAwait(false);
        using var cache = FeatureCache.Open(job.Folder);
        return Of(adapter, backbone, data, TrainedHead.Read(adapter, backbone, cache, data), cancellationToken);
    }

    /// <summary>Evaluates on features that are at hand.</summary>
    internal static EvaluationReport Of(Adapter adapter, Backbone backbone, TextData data, FeatureSet set, CancellationToken cancellationToken)
    {
        using var head = new TrainedHead(adapter, backbone);
        var scores = new float[data.Count][];
        var pooled = new float[Math.Min(data.Count, MostPoints)][];
        Parallel.ForEach(FeaturePlan.Runs(set.Lengths, new FeatureOptions().TokensPerRun), new ParallelOptions { CancellationToken = cancellationToken }, run =>
        {
            using var batch = set.Batch(run);
            var answers = head.Run(batch);
            for (var row = 0; row < run.Length; row++)
            {
                scores[run[row]] = answers[row][..Evaluation.ScoresOf(set, head.Task, run[row])];
                if (run[row] < pooled.Length)
                    pooled[run[row]] = batch.Mean(row);
            }
        });
        return new EvaluationReport(head.Task, data, set.Targets, scores, new WordPlaces(backbone, adapter.Info.MaxLength)) { Pooled = pooled };
    }
}
