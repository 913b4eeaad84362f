namespace OrtPeft;

/// <summary>How far a text is from a label.</summary>
public enum MeanDistance
{
    /// <summary>Distance to the label's mean: scores -|x - m|^2 / 2, the same for all labels left out.</summary>
    Euclidean,

    /// <summary>Angle to the label's mean: scores cos(x, m).</summary>
    Cosine,
}

/// <summary>Nearest class mean (prototypes): a text gets the label whose mean feature vector is nearest. Scores are scaled so that their softmax fits the training data.</summary>
public sealed record NearestMeanOptions : ClosedFormOptions
{
    internal const string Name = "ncm";

    /// <summary>Distance: euclidean or cosine.</summary>
    public MeanDistance Distance { get; init; } = MeanDistance.Cosine;

    /// <inheritdoc/>
    public override string Method => Name;

    private protected override IReadOnlyList<TargetKind> Targets => [TargetKind.Class];

    private protected override IEnumerable<Solution> Solve(LearningTask task, SolverInput input)
    {
        var (means, mass) = (new double[task.Outputs, input.Width], new double[task.Outputs]);
        for (var i = 0; i < input.Count; i++)
        {
            var label = input.Targets.Class(i);
            var row = input.Row(i);
            double weight = input.Targets.Weight(i, null) / (Distance == MeanDistance.Cosine ? Norm(row) : 1);
            mass[label] += input.Targets.Weight(i, null);
            for (var j = 0; j < row.Length; j++)
                means[label, j] += weight * row[j];
        }
        var bias = new double[task.Outputs];
        for (var label = 0; label < task.Outputs; label++)
        {
            double squares = 0;
            for (var j = 0; j < input.Width; j++)
            {
                means[label, j] /= Math.Max(mass[label], double.Epsilon);
                squares += means[label, j] * means[label, j];
            }
            for (var j = 0; j < input.Width && Distance == MeanDistance.Cosine; j++)
                means[label, j] /= Math.Max(Math.Sqrt(squares), 1e-12);
            bias[label] = Distance == MeanDistance.Cosine ? 0 : -squares / 2;
        }
        yield return Temperature.Fit(Linear(Distance.ToString().ToLowerInvariant(), means, bias), input, normalized: Distance == MeanDistance.Cosine);
    }

    private protected override bool UnitLength => Distance == MeanDistance.Cosine;

    internal static double Norm(ReadOnlySpan<float> row) => Math.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares(row) + 1e-12);
}
