using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>What a head answers on a labelled set: loss, scores in the set's order, metrics.</summary>
sealed record Evaluation(double Loss, float[][] Scores, ClassificationMetrics Metrics)
{
    const int BatchSize = 32;

    internal static Evaluation Run(ITrainingEngine engine, FeatureSet set, LabelSet labels, CancellationToken cancellationToken)
    {
        var scores = new float[set.Count][];
        double loss = 0;
        foreach (var indices in BatchPlan.Sorted(set.Lengths, BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var batch = set.Batch(indices);
            var (batchLoss, batchScores) = engine.Evaluate(batch);
            loss += (double)batchLoss * batch.Size;
            for (var row = 0; row < indices.Length; row++)
                scores[indices[row]] = batchScores.AsSpan(row * labels.Count, labels.Count).ToArray();
        }
        var predicted = scores.Select(s => TensorPrimitives.IndexOfMax<float>(s)).ToArray();
        return new Evaluation(loss / set.Count, scores, ClassificationMetrics.From(labels, [.. set.Labels], predicted));
    }
}
