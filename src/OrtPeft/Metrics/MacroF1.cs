namespace OrtPeft;

/// <summary>Unweighted mean of the labels' F1. Labels that occur neither in the data nor in the predictions have none and do not count.</summary>
static class MacroF1
{
    internal static double Of(ConfusionMatrix matrix)
    {
        var sum = 0.0;
        var labels = 0;
        for (var label = 0; label < matrix.Labels; label++)
        {
            if (matrix.GoldCount(label) + matrix.PredictedCount(label) == 0)
                continue;
            sum += F1.Of(matrix, label);
            labels++;
        }
        return labels == 0 ? 0 : sum / labels;
    }
}
