namespace OrtPeft;

/// <summary>The numbers of an epoch under the names that trackers show.</summary>
static class EpochNumbers
{
    internal static IEnumerable<(string Name, double Value)> Of(EpochResult epoch)
    {
        yield return ("loss/train", epoch.Loss);
        if (epoch.DevLoss is { } devLoss)
            yield return ("loss/dev", devLoss);
        foreach (var (name, value) in epoch.Metrics)
            yield return ("dev/" + name, value);
        if (epoch.LearningRate is { } learningRate)
            yield return ("learning_rate", learningRate);
    }
}
