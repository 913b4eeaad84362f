namespace OrtPeft;

/// <summary>
/// One of ordered levels. A head gives levels - 1 scores, the logits of "above level k"; the answer is the number of them above 0. Levels that are all
/// numbers are ordered as numbers, others by name; or as the user says.
/// </summary>
sealed record OrdinalTask(LabelSet Levels) : LearningTask
{
    internal const string TaskName = "ordinal";

    internal override string Name => TaskName;

    internal override IReadOnlyList<string> Labels => Levels;

    internal override int Outputs => Levels.Count - 1;

    internal override TargetKind Target => TargetKind.Level;

    internal override string SelectBy => "kappa";

    internal override string DefaultLoss => BinaryCrossEntropyLoss.Name;

    internal static OrdinalTask From(TextData data)
    {
        var names = LabelSet.From(data);
        return new OrdinalTask(names.All(name => NumberTask.TryNumber(name, out _))
            ? new LabelSet(names.OrderBy(name => NumberTask.TryNumber(name, out var number) ? number : 0))
            : names);
    }

    internal override Targets TargetsOf(TextData data, WordPlaces words) => Targets.Of(Levels.IndexesOf(data), Target);

    /// <summary>P(level = k) = P(level > k - 1) - P(level > k).</summary>
    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words)
    {
        var probabilities = new float[Levels.Count];
        var above = 1f;
        for (var k = 0; k < probabilities.Length; k++)
        {
            var next = k < scores.Length ? 1 / (1 + MathF.Exp(-scores[k])) : 0;
            (probabilities[k], above) = (Math.Max(0, above - next), next);
        }
        var level = LevelOf(scores);
        return new Prediction(Levels[level], probabilities[level], Levels.Zip(probabilities).ToDictionary(p => p.First, p => p.Second));
    }

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        var confusion = new ConfusionMatrix(Levels.Count);
        foreach (var example in examples ?? [.. Enumerable.Range(0, targets.Count)])
            confusion.Add(targets.Class(example), LevelOf(scores[example]));
        return new OrdinalMetrics(Levels, confusion);
    }

    static int LevelOf(ReadOnlySpan<float> scores)
    {
        var level = 0;
        foreach (var score in scores)
            level += score > 0 ? 1 : 0;
        return level;
    }
}
