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

    /// <summary>Evaluates with features from a cache where the method reads frozen features: no text passes the backbone that is in it.</summary>
    internal static async Task<EvaluationReport> FromCacheAsync(Adapter adapter, Backbone backbone, TextData data, string cacheFolder, FeatureOptions features,
        ExecutionOptions execution, IProgress<FeatureProgress>? progress, CancellationToken cancellationToken)
    {
        var task = LearningTasks.Restore(adapter.Info);
        var source = new TrainingData(backbone, task, TrainedHead.Declare(adapter, backbone), features, execution);
        var targets = task.TargetsOf(data, new WordPlaces(backbone, adapter.Info.MaxLength));
        using var cached = await source.CacheAsync(cacheFolder, data, progress, cancellationToken).ConfigureAwait(false);
        return Of(adapter, backbone, data, source.Read(cached, data, targets), execution, cancellationToken);
    }

    /// <summary>Evaluates on examples as the method read them in training.</summary>
    internal static EvaluationReport Of(Adapter adapter, Backbone backbone, TextData data, TrainingSet set, ExecutionOptions execution, CancellationToken cancellationToken)
    {
        using var head = new TrainedHead(adapter, backbone, fromFrontier: true, execution);
        var pooled = set is FeatureSet ? new float[Math.Min(data.Count, MostPoints)][] : [];
        var scores = head.RunAll(set, execution.Chosen.IsCpu ? Environment.ProcessorCount : 1, cancellationToken, (batch, places) =>
        {
            for (var row = 0; row < places.Length; row++)
            {
                if (places[row] < pooled.Length)
                    pooled[places[row]] = ((FeatureBatch)batch).Mean(row);
            }
        });
        return new EvaluationReport(head.Task, data, set.Targets, scores, new WordPlaces(backbone, adapter.Info.MaxLength)) { Pooled = pooled };
    }
}
