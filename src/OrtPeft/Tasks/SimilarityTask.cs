namespace OrtPeft;

/// <summary>How similar the two texts of a pair are, as a number. They pass the backbone one by one; the answer is a cosine, mapped to the range of the labels.</summary>
/// <param name="Low">Label that stands for cosine 0.</param>
/// <param name="Range">What is added for cosine 1.</param>
sealed record SimilarityTask(double Low, double Range) : LearningTask
{
    internal const string TaskName = "similarity";

    internal override string Name => TaskName;

    internal override IReadOnlyList<string> Labels => [];

    internal override int Outputs => 1;

    internal override TargetKind Target => TargetKind.Values;

    internal override string SelectBy => "spearman";

    internal override string DefaultLoss => MeanSquaredErrorLoss.Name;

    internal override int TextsPerExample => 2;

    internal override TaskInfo Info => base.Info with { Mean = Low, Deviation = Range };

    internal static SimilarityTask From(TextData data)
    {
        var numbers = data.Select(example => RegressionTask.Number(data, example)).ToArray();
        var (low, high) = (numbers.Min(), numbers.Max());
        return new SimilarityTask(low, high > low ? high - low : 1);
    }

    internal override IEnumerable<Example> Texts(Example example) =>
    [
        example with { TextPair = null },
        example with
        {
            Text = example.TextPair ?? throw new OrtPeftException($"Example {DataError.Quote(example.Id)} has no second text, which the task {Name} compares the first with. Name its column with --text-pair."),
            TextPair = null,
        },
    ];

    internal override Targets TargetsOf(TextData data, WordPlaces words) =>
        new(Target) { Values = [.. data.Select(example => new[] { (float)((RegressionTask.Number(data, example) - Low) / Range) })] };

    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words) => Prediction.Of(Low + Range * scores[0]);

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        examples ??= [.. Enumerable.Range(0, targets.Count)];
        return new RegressionMetrics([.. examples.Select(i => Low + Range * targets.Values[i][0])], [.. examples.Select(i => Low + Range * scores[i][0])]);
    }
}
