namespace OrtPeft;

/// <summary>Predictions on a labelled data set and what they are worth.</summary>
/// <param name="Metrics">Accuracy, macro-F1, per-label values, confusion matrix.</param>
/// <param name="Gold">The right label of each example, as its place among the labels.</param>
/// <param name="Predictions">The answer for each example.</param>
public sealed record EvaluationReport(ClassificationMetrics Metrics, IReadOnlyList<int> Gold, IReadOnlyList<Prediction> Predictions)
{
    internal static EvaluationReport Of(LabelSet labels, int[] gold, IReadOnlyList<Prediction> predictions) =>
        new(ClassificationMetrics.From(labels, gold, [.. predictions.Select(p => labels.IndexOf(p.Label))]), gold, predictions);

    /// <summary>Evaluates on cached features: no text passes the backbone that is in the cache.</summary>
    internal static async Task<EvaluationReport> FromCacheAsync(Adapter adapter, Backbone backbone, TextData data, string cacheFolder, FeatureOptions features,
        ExecutionOptions execution, IProgress<FeatureProgress>? progress, CancellationToken cancellationToken)
    {
        var job = await FeatureJob.RunAsync(backbone, data, cacheFolder, features, execution, progress, cancellationToken).ConfigureAwait(false);
        using var cache = FeatureCache.Open(job.Folder);
        var labels = new LabelSet(adapter.Info.Labels);
        return Of(adapter, backbone, data, new FeatureSet(cache, data, labels.IndexesOf(data), TrainedHead.ViewOf(adapter, backbone)), cancellationToken);
    }

    /// <summary>Evaluates on features that are at hand.</summary>
    internal static EvaluationReport Of(Adapter adapter, Backbone backbone, TextData data, FeatureSet set, CancellationToken cancellationToken)
    {
        using var head = new TrainedHead(adapter, backbone);
        var predictions = new Prediction[data.Count];
        Parallel.ForEach(FeaturePlan.Runs(set.Lengths, new FeatureOptions().TokensPerRun), new ParallelOptions { CancellationToken = cancellationToken }, run =>
        {
            using var batch = set.Batch(run);
            var scores = head.Run(batch);
            for (var row = 0; row < run.Length; row++)
                predictions[run[row]] = Prediction.Of(head.Labels, scores[row]);
        });
        return Of(head.Labels, head.Labels.IndexesOf(data), predictions);
    }
}
