namespace OrtPeft;

/// <summary>Any number of labels for a text, perhaps none: each has its own sigmoid, and a threshold that is chosen on the dev part.</summary>
sealed record MultiLabelTask(LabelSet Names) : LearningTask
{
    internal const string TaskName = "multi-label";

    /// <summary>Sigmoid score from which each label is given; empty for 1/2.</summary>
    internal IReadOnlyList<double> Thresholds { get; init; } = [];

    internal override string Name => TaskName;

    internal override IReadOnlyList<string> Labels => Names;

    internal override TargetKind Target => TargetKind.Values;

    internal override string SelectBy => "macroF1";

    internal override string DefaultLoss => BinaryCrossEntropyLoss.Name;

    internal override TaskInfo Info => base.Info with { Thresholds = Thresholds.Count > 0 ? Thresholds : null };

    internal override Targets TargetsOf(TextData data, WordPlaces words) => new(Target)
    {
        Values = [.. data.Select(example =>
        {
            var values = new float[Names.Count];
            foreach (var label in LabelLists.Of(data, example))
                values[Names.IndexOf(data, example, label)] = 1;
            return values;
        })],
    };

    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words)
    {
        var probabilities = new float[scores.Length];
        System.Numerics.Tensors.TensorPrimitives.Sigmoid(scores, probabilities);
        var given = Enumerable.Range(0, Names.Count).Where(i => probabilities[i] >= Threshold(i)).ToArray();
        return new Prediction(string.Join('|', given.Select(i => Names[i])), given.Select(i => probabilities[i]).DefaultIfEmpty().Min(),
            Names.Zip(probabilities).ToDictionary(p => p.First, p => p.Second))
        { Labels = [.. given.Select(i => Names[i])] };
    }

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        var counts = new BinaryCounts[Names.Count];
        var (exact, total) = (0L, 0L);
        foreach (var example in examples ?? [.. Enumerable.Range(0, targets.Count)])
        {
            var wrong = 0;
            for (var label = 0; label < counts.Length; label++)
            {
                var (gold, answer) = (targets.Values[example][label] > 0.5f, Sigmoid(scores[example][label]) >= Threshold(label));
                counts[label] = counts[label].Add(gold, answer);
                wrong += gold == answer ? 0 : 1;
            }
            exact += wrong == 0 ? 1 : 0;
            total++;
        }
        return new MultiLabelMetrics(Names, counts, new Proportion(exact, total));
    }

    internal override bool NeedsTuning => true;

    /// <summary>For each label the threshold with the best F1 on the dev part, in the middle between two scores; 1/2 where none is better.</summary>
    internal override LearningTask Tuned(Targets dev, IReadOnlyList<float[]> scores) => this with
    {
        Thresholds = [.. Enumerable.Range(0, Names.Count).Select(label =>
            ThresholdChoice.Best([.. scores.Select((s, i) => ((double)Sigmoid(s[label]), dev.Values[i][label] > 0.5f))]))],
    };

    double Threshold(int label) => Thresholds.Count == 0 ? 0.5 : Thresholds[label];

    static float Sigmoid(float score) => 1 / (1 + MathF.Exp(-score));
}
