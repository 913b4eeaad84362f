namespace OrtPeft;

/// <summary>Everything that is said about an evaluation of tags: spans found exactly, as conlleval counts them; without B- and I- tags, words.</summary>
public sealed class TaggingMetrics : LabelTableMetrics
{
    readonly long _examples;

    internal TaggingMetrics(IReadOnlyList<string> labels, IReadOnlyList<BinaryCounts> counts, Proportion words, long examples) : base(labels, counts)
    {
        Words = words;
        _examples = examples;
    }

    /// <summary>Share of words with the right tag.</summary>
    public Proportion Words { get; }

    /// <inheritdoc/>
    public override long Examples => _examples;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values => new OrderedDictionary<string, double>
    {
        ["f1"] = MicroF1,
        ["precision"] = Precision.Value,
        ["recall"] = Recall.Value,
        ["macroF1"] = MacroF1,
        ["wordAccuracy"] = Words.Value,
    };

    /// <inheritdoc/>
    public override string? Warning => Precision.Whole == 0 && Recall.Whole > 0
        ? $"No span was found, although there are {Recall.Whole}. Nothing useful was learned; train longer or with another learning rate."
        : null;
}
