using System.Globalization;

namespace OrtPeft;

/// <summary>A number for a text or a pair of texts that are read together. Heads learn (number - mean) / deviation of the training data.</summary>
/// <param name="Mean">Mean of the training data.</param>
/// <param name="Deviation">Their standard deviation; 1 if they do not vary.</param>
sealed record RegressionTask(double Mean, double Deviation) : LearningTask
{
    internal const string TaskName = "regression";

    internal override string Name => TaskName;

    internal override IReadOnlyList<string> Labels => [];

    internal override int Outputs => 1;

    internal override TargetKind Target => TargetKind.Values;

    internal override string SelectBy => "r2";

    internal override string DefaultLoss => MeanSquaredErrorLoss.Name;

    internal override TaskInfo Info => base.Info with { Mean = Mean, Deviation = Deviation };

    internal static RegressionTask From(TextData data)
    {
        var numbers = data.Select(example => Number(data, example)).ToArray();
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
        return new RegressionTask(mean, deviation > 0 ? deviation : 1);
    }

    internal override Targets TargetsOf(TextData data, WordPlaces words) =>
        new(Target) { Values = [.. data.Select(example => new[] { (float)((Number(data, example) - Mean) / Deviation) })] };

    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words) => Prediction.Of(Mean + Deviation * scores[0]);

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        examples ??= [.. Enumerable.Range(0, targets.Count)];
        return new RegressionMetrics([.. examples.Select(i => Mean + Deviation * targets.Values[i][0])], [.. examples.Select(i => Mean + Deviation * scores[i][0])]);
    }

    /// <summary>The label of an example as a number.</summary>
    /// <exception cref="OrtPeftException">It is none.</exception>
    internal static double Number(TextData data, Example example) => TryNumber(example.Label, out var number)
        ? number
        : throw DataError.At(data.Source, example.Line, example.Label is null
            ? $"example {DataError.Quote(example.Id)} has no label. Is the right label column named?"
            : $"example {DataError.Quote(example.Id)} has the label {DataError.Quote(example.Label)}; expected a number such as 2.5.");

    internal static bool TryNumber(string? label, out double number) =>
        double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
