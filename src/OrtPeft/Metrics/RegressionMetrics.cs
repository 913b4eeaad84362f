using MathNet.Numerics.Statistics;

namespace OrtPeft;

/// <summary>Everything that is said about an evaluation whose answers are numbers.</summary>
public sealed class RegressionMetrics : EvaluationMetrics
{
    /// <summary>Compares numbers.</summary>
    /// <param name="gold">The right ones.</param>
    /// <param name="predicted">The answers.</param>
    public RegressionMetrics(IReadOnlyList<double> gold, IReadOnlyList<double> predicted)
    {
        ArgumentNullException.ThrowIfNull(gold);
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentOutOfRangeException.ThrowIfZero(gold.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(predicted.Count, gold.Count);
        (Gold, Predicted) = (gold, predicted);
        var mean = gold.Average();
        var (errors, spread) = (0.0, 0.0);
        for (var i = 0; i < gold.Count; i++)
        {
            MeanAbsoluteError += Math.Abs(predicted[i] - gold[i]) / gold.Count;
            errors += Math.Pow(predicted[i] - gold[i], 2);
            spread += Math.Pow(gold[i] - mean, 2);
        }
        RootMeanSquaredError = Math.Sqrt(errors / gold.Count);
        R2 = spread > 0 ? 1 - errors / spread : 0;
        Pearson = Finite(Correlation.Pearson(gold, predicted));
        Spearman = Finite(Correlation.Spearman(gold, predicted));
    }

    /// <summary>The right numbers.</summary>
    public IReadOnlyList<double> Gold { get; }

    /// <summary>The answers.</summary>
    public IReadOnlyList<double> Predicted { get; }

    /// <summary>Pearson's correlation; 0 when one side does not vary.</summary>
    public double Pearson { get; }

    /// <summary>Spearman's rank correlation; equal numbers share their ranks.</summary>
    public double Spearman { get; }

    /// <summary>Share of the variance that is explained: 1 is best, 0 is as good as the mean, less is worse.</summary>
    public double R2 { get; }

    /// <summary>Mean distance from the right number; 0 is best.</summary>
    public double MeanAbsoluteError { get; }

    /// <summary>Root of the mean squared distance; 0 is best.</summary>
    public double RootMeanSquaredError { get; }

    /// <inheritdoc/>
    public override long Examples => Gold.Count;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values => new OrderedDictionary<string, double>
    {
        ["pearson"] = Pearson,
        ["spearman"] = Spearman,
        ["r2"] = R2,
        ["mae"] = MeanAbsoluteError,
        ["rmse"] = RootMeanSquaredError,
    };

    /// <inheritdoc/>
    public override string? Warning => Gold.Distinct().Count() > 1 && Predicted.Max() - Predicted.Min() < 1e-6 * (Gold.Max() - Gold.Min())
        ? "All answers are the same number. Nothing useful was learned; train longer or with another learning rate."
        : null;

    static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
