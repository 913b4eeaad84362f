namespace OrtPeft;

/// <summary>Everything that is said about an evaluation with several labels a text.</summary>
public sealed class MultiLabelMetrics : LabelTableMetrics
{
    internal MultiLabelMetrics(IReadOnlyList<string> labels, IReadOnlyList<BinaryCounts> counts, Proportion exact) : base(labels, counts) => Exact = exact;

    /// <summary>Share of texts that got exactly the right labels.</summary>
    public Proportion Exact { get; }

    /// <inheritdoc/>
    public override long Examples => Exact.Whole;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values => new OrderedDictionary<string, double>
    {
        ["microF1"] = MicroF1,
        ["macroF1"] = MacroF1,
        ["exactMatch"] = Exact.Value,
    };

    /// <inheritdoc/>
    public override string? Warning => Precision.Whole == 0 && Recall.Whole > 0
        ? "No label was given to any text. Nothing useful was learned; train longer or with another learning rate."
        : null;
}
