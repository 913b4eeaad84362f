namespace OrtPeft;

/// <summary>How well one label is recognised.</summary>
/// <param name="Label">The label.</param>
/// <param name="Precision">Of the examples predicted to be this label, how many are.</param>
/// <param name="Recall">Of the examples with this label, how many were predicted.</param>
/// <param name="F1">Harmonic mean of precision and recall; 0 when the label was never predicted.</param>
/// <param name="Support">Number of examples with this label.</param>
public sealed record LabelMetrics(string Label, Proportion Precision, Proportion Recall, double F1, long Support)
{
    internal static LabelMetrics Of(ConfusionMatrix matrix, int label, string name)
    {
        var correct = matrix[label, label];
        var support = matrix.GoldCount(label);
        return new(name, new(correct, matrix.PredictedCount(label)), new(correct, support), OrtPeft.F1.Of(matrix, label), support);
    }
}
