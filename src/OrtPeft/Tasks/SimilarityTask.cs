namespace OrtPeft;

/// <summary>How similar the two texts of a pair are, as a number. They pass the backbone one by one; the answer is a cosine, mapped to the range of the labels.</summary>
/// <param name="Low">Label that stands for cosine 0.</param>
/// <param name="Range">What is added for cosine 1.</param>
sealed record SimilarityTask(double Low, double Range) : NumberTask(Low, Range)
{
    internal const string TaskName = "similarity";

    internal override string Name => TaskName;

    internal override string SelectBy => "spearman";

    internal override int TextsPerExample => 2;

    internal static SimilarityTask From(TextData data)
    {
        var numbers = Numbers(data);
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
}
