namespace OrtPeft;

/// <summary>Share of correct predictions.</summary>
static class Accuracy
{
    internal static double Of(ConfusionMatrix matrix) => new Proportion(matrix.Correct, matrix.Total).Value;
}
