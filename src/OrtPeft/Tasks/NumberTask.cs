using System.Globalization;

namespace OrtPeft;

/// <summary>A task whose answers are numbers. Heads learn (number - offset) / scale.</summary>
/// <param name="Offset">Number that stands for a score of 0.</param>
/// <param name="Scale">What a score of 1 adds to it.</param>
abstract record NumberTask(double Offset, double Scale) : LearningTask
{
    internal override IReadOnlyList<string> Labels => [];

    internal override int Outputs => 1;

    internal override TargetKind Target => TargetKind.Values;

    internal override string DefaultLoss => MeanSquaredErrorLoss.Name;

    internal override TaskInfo Info => base.Info with { Mean = Offset, Deviation = Scale };

    internal override Targets TargetsOf(TextData data, WordPlaces words) =>
        new(Target) { Values = [.. Numbers(data).Select(number => new[] { (float)((number - Offset) / Scale) })] };

    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words) => Prediction.Of(Number(scores[0]));

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        examples ??= [.. Enumerable.Range(0, targets.Count)];
        return new RegressionMetrics([.. examples.Select(i => Number(targets.Values[i][0]))], [.. examples.Select(i => Number(scores[i][0]))]);
    }

    /// <summary>The labels as numbers.</summary>
    /// <exception cref="OrtPeftException">One of them is none.</exception>
    private protected static double[] Numbers(TextData data) => [.. data.Select(example => TryNumber(example.Label, out var number)
        ? number
        : throw DataError.At(data.Source, example.Line, example.Label is null
            ? $"example {DataError.Quote(example.Id)} has no label. Is the right label column named?"
            : $"example {DataError.Quote(example.Id)} has the label {DataError.Quote(example.Label)}; expected a number such as 2.5."))];

    internal static bool TryNumber(string? label, out double number) =>
        double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    double Number(float score) => Offset + Scale * score;
}
