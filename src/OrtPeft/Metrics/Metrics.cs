namespace OrtPeft;

/// <summary>Every metric by the name that options, logs and JSON use. For all of them 1 is best and 0 is worst.</summary>
public static class Metrics
{
    /// <summary>The metrics, in the order in which they are shown.</summary>
    public static IReadOnlyDictionary<string, Func<ConfusionMatrix, double>> All { get; } =
        new OrderedDictionary<string, Func<ConfusionMatrix, double>>(StringComparer.Ordinal)
        {
            ["accuracy"] = Accuracy.Of,
            ["macroF1"] = MacroF1.Of,
        };

    /// <summary>The metric with a name.</summary>
    /// <exception cref="OrtPeftException">There is none.</exception>
    public static Func<ConfusionMatrix, double> Named(string name) =>
        All.TryGetValue(name, out var metric)
            ? metric
            : throw new OrtPeftException($"There is no metric '{name}'; expected {string.Join(" or ", All.Keys)}.");
}
