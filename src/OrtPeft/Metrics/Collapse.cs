namespace OrtPeft;

/// <summary>A collapse: a head that answers one label whatever the text, the usual sign of a bad learning rate.</summary>
static class Collapse
{
    /// <summary>A sentence for the user when all predictions are one label although the data has several; else null.</summary>
    internal static string? Describe(ConfusionMatrix matrix, LabelSet labels)
    {
        var predicted = Enumerable.Range(0, matrix.Labels).Where(label => matrix.PredictedCount(label) > 0).ToList();
        var occurring = Enumerable.Range(0, matrix.Labels).Count(label => matrix.GoldCount(label) > 0);
        return predicted.Count == 1 && occurring > 1
            ? $"Collapse to one label: all {matrix.Total} predictions are {DataError.Quote(labels[predicted[0]])}, although {occurring} labels occur "
                + "in the data. Nothing useful was learned; train longer or with another learning rate."
            : null;
    }
}
