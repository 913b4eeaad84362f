namespace OrtPeft;

/// <summary>Metrics of ordered labels: those of labels, and how far off the answers are.</summary>
public sealed class OrdinalMetrics : ClassificationMetrics
{
    internal OrdinalMetrics(LabelSet labels, ConfusionMatrix confusion) : base(labels, confusion)
    {
        var (distance, squares, chance) = (0.0, 0.0, 0.0);
        for (var gold = 0; gold < confusion.Labels; gold++)
        {
            for (var answer = 0; answer < confusion.Labels; answer++)
            {
                var off = Math.Abs(gold - answer);
                distance += off * (double)confusion[gold, answer] / confusion.Total;
                squares += off * off * (double)confusion[gold, answer];
                chance += off * off * (double)confusion.GoldCount(gold) * confusion.PredictedCount(answer) / confusion.Total;
            }
        }
        MeanDistance = distance;
        Kappa = chance > 0 ? 1 - squares / chance : 0;
    }

    /// <summary>Mean number of levels between answer and right level; 0 is best.</summary>
    public double MeanDistance { get; }

    /// <summary>Cohen's kappa with quadratic weights: 1 is best, 0 is chance.</summary>
    public double Kappa { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values =>
        new OrderedDictionary<string, double>(base.Values) { ["kappa"] = Kappa, ["mae"] = MeanDistance };
}
