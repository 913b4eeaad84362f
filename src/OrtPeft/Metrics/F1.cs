namespace OrtPeft;

/// <summary>Harmonic mean of a label's precision and recall: 2 TP / (gold + predicted).</summary>
static class F1
{
    internal static double Of(ConfusionMatrix matrix, int label) =>
        new Proportion(2 * matrix[label, label], matrix.GoldCount(label) + matrix.PredictedCount(label)).Value;
}
