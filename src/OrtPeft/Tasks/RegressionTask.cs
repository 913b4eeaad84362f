namespace OrtPeft;

/// <summary>A number for a text or a pair of texts that are read together. Heads learn (number - mean) / deviation of the training data.</summary>
/// <param name="Mean">Mean of the training data.</param>
/// <param name="Deviation">Their standard deviation; 1 if they do not vary.</param>
sealed record RegressionTask(double Mean, double Deviation) : NumberTask(Mean, Deviation)
{
    internal const string TaskName = "regression";

    internal override string Name => TaskName;

    internal override string SelectBy => "r2";

    internal static RegressionTask From(TextData data)
    {
        var numbers = Numbers(data);
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
        return new RegressionTask(mean, deviation > 0 ? deviation : 1);
    }
}
