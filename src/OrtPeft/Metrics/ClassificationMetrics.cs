namespace OrtPeft;

/// <summary>Everything that is said about one evaluation of a classifier.</summary>
public class ClassificationMetrics : EvaluationMetrics
{
    /// <summary>Reads all metrics from a confusion matrix.</summary>
    /// <exception cref="ArgumentException">The matrix is empty or has another number of labels.</exception>
    public ClassificationMetrics(LabelSet labels, ConfusionMatrix confusion)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(confusion);
        ArgumentOutOfRangeException.ThrowIfNotEqual(confusion.Labels, labels.Count);
        ArgumentOutOfRangeException.ThrowIfZero(confusion.Total);
        Labels = labels;
        Confusion = confusion;
        Accuracy = new(confusion.Correct, confusion.Total);
        MacroF1 = OrtPeft.MacroF1.Of(confusion);
        PerLabel = [.. labels.Select((name, label) => LabelMetrics.Of(confusion, label, name))];
        Warning = Collapse.Describe(confusion, labels);
    }

    /// <summary>The labels, in the order of the confusion matrix.</summary>
    public LabelSet Labels { get; }

    /// <summary>How often each label was predicted for each gold label.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Share of correct predictions.</summary>
    public Proportion Accuracy { get; }

    /// <summary>Unweighted mean of the labels' F1, over labels that occur in the data or the predictions.</summary>
    public double MacroF1 { get; }

    /// <summary>Precision, recall and F1 of every label.</summary>
    public IReadOnlyList<LabelMetrics> PerLabel { get; }

    /// <inheritdoc/>
    public override string? Warning { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values => Metrics.All.ToDictionary(m => m.Key, m => m.Value(Confusion));

    /// <inheritdoc/>
    public override long Examples => Confusion.Total;

    /// <summary>Whether the most frequent label of the data is four times as frequent as the rarest, so that accuracy says little.</summary>
    public bool IsImbalanced
    {
        get
        {
            long[] counts = [.. Enumerable.Range(0, Confusion.Labels).Select(Confusion.GoldCount).Where(count => count > 0)];
            return counts.Length > 1 && counts.Max() >= 4 * counts.Min();
        }
    }

    /// <summary>Computes the metrics from class indexes.</summary>
    public static ClassificationMetrics From(LabelSet labels, ReadOnlySpan<int> gold, ReadOnlySpan<int> predicted)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new(labels, ConfusionMatrix.From(labels.Count, gold, predicted));
    }
}
