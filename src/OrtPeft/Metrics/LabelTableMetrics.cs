namespace OrtPeft;

/// <summary>Metrics that are read from a table of labels, each given or not: several labels a text, or spans of several kinds.</summary>
public abstract class LabelTableMetrics : EvaluationMetrics
{
    readonly BinaryCounts _all;

    private protected LabelTableMetrics(IReadOnlyList<string> labels, IReadOnlyList<BinaryCounts> counts)
    {
        PerLabel = [.. labels.Zip(counts, (label, count) => count.Of(label))];
        _all = counts.Aggregate(default(BinaryCounts), (a, b) => a + b);
        MacroF1 = counts.Where(c => c.Occurs).Select(c => c.F1).DefaultIfEmpty().Average();
    }

    /// <summary>Precision, recall and F1 of every label.</summary>
    public IReadOnlyList<LabelMetrics> PerLabel { get; }

    /// <summary>Of all that was given, how much is right.</summary>
    public Proportion Precision => _all.Precision;

    /// <summary>Of all that is right, how much was given.</summary>
    public Proportion Recall => _all.Recall;

    /// <summary>F1 over all labels together.</summary>
    public double MicroF1 => _all.F1;

    /// <summary>Unweighted mean of the labels' F1, over labels that occur in the data or the answers.</summary>
    public double MacroF1 { get; }
}
