using MathNet.Numerics.Distributions;

namespace OrtPeft;

/// <summary>A 95 % interval.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>Whether a value lies in it.</summary>
    public bool Holds(double value) => Lower <= value && value <= Upper;
}

/// <summary>How much better one head is than another on the same examples.</summary>
/// <param name="Value">The difference of the metric.</param>
/// <param name="Interval">Its 95 % interval by the paired bootstrap.</param>
/// <param name="McNemar">Exact p value of McNemar's test of right and wrong answers; null where an answer is not just right or wrong.</param>
public sealed record MetricDifference(double Value, Interval Interval, double? McNemar)
{
    /// <summary>Whether it may be chance: the interval holds 0.</summary>
    public bool IsWithinNoise => Interval.Holds(0);
}

/// <summary>What metrics might have been on other examples of the same kind: resampled with replacement (Efron 1979), percentile intervals.</summary>
static class Bootstrap
{
    internal const int Resamples = 1000;
    const double Tail = 0.025;

    /// <summary>95 % intervals of all metrics; the same seed gives the same intervals.</summary>
    internal static IReadOnlyDictionary<string, Interval> Intervals(EvaluationReport report, long seed = 0)
    {
        var samples = Draw(report.Predictions.Count, seed, report.MeasureOnly);
        return report.Metrics.Values.Keys.ToDictionary(name => name, name => Percentiles(samples.Select(s => s[name])));
    }

    /// <summary>Both heads must have answered for the same examples.</summary>
    internal static MetricDifference Compare(EvaluationReport a, EvaluationReport b, string metric, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Predictions.Count, a.Predictions.Count);
        var samples = Draw(a.Predictions.Count, seed, examples => a.MeasureOnly(examples)[metric] - b.MeasureOnly(examples)[metric]);
        return new MetricDifference(a.Metrics[metric] - b.Metrics[metric], Percentiles(samples), a.Gold.Count > 0 ? McNemar(Right(a), Right(b)) : null);
    }

    /// <summary>Exact two-sided p value: of the examples that only one head gets right, each is as likely to be the one's as the other's.</summary>
    internal static double McNemar(IReadOnlyList<bool> a, IReadOnlyList<bool> b)
    {
        var (onlyA, onlyB) = (a.Zip(b).Count(p => p.First && !p.Second), a.Zip(b).Count(p => !p.First && p.Second));
        return onlyA == onlyB ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, onlyA + onlyB, Math.Min(onlyA, onlyB)));
    }

    static bool[] Right(EvaluationReport report) => [.. report.Gold.Zip(report.Predictions, (gold, p) => report.Classification.Labels[gold] == p.Label)];

    static T[] Draw<T>(int count, long seed, Func<int[], T> measure)
    {
        var samples = new T[Resamples];
        Parallel.For(0, Resamples, i =>
        {
            var random = new CounterRandom(seed, "bootstrap", i);
            var examples = new int[count];
            for (var k = 0; k < count; k++)
                examples[k] = random.NextInt32(count);
            samples[i] = measure(examples);
        });
        return samples;
    }

    static Interval Percentiles(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Interval(sorted[(int)(Tail * sorted.Length)], sorted[(int)((1 - Tail) * sorted.Length)]);
    }
}
