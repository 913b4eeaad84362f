namespace OrtPeft;

/// <summary>What a head answers on a labelled set: loss, raw scores in the set's order, metrics.</summary>
sealed record Evaluation(double Loss, float[][] Scores, EvaluationMetrics Metrics)
{
    const int BatchSize = 32;

    internal static Evaluation Run(ITrainingEngine engine, TrainingSet set, LearningTask task, CancellationToken cancellationToken)
    {
        var scores = new float[set.Count][];
        double loss = 0, mass = 0;
        foreach (var indices in BatchPlan.Sorted(set.Lengths, BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var batch = set.Batch(indices);
            var (batchLoss, batchScores) = engine.Evaluate(batch);
            loss += batchLoss * batch.Targets.Mass();
            mass += batch.Targets.Mass();
            for (var row = 0; row < indices.Length; row++)
                scores[indices[row]] = batchScores.AsSpan(row * (batchScores.Length / indices.Length), ScoresOf(set, task, indices[row])).ToArray();
        }
        return new Evaluation(loss / Math.Max(mass, float.Epsilon), scores, task.Measure(set.Targets, scores));
    }

    /// <summary>Scores of one example, without those of padding.</summary>
    internal static int ScoresOf(TrainingSet set, LearningTask task, int example) =>
        task.Outputs * (task.Target == TargetKind.TokenClass ? set.Lengths[example] : 1);
}
