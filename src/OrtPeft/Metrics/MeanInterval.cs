using MathNet.Numerics.Distributions;

namespace OrtPeft;

/// <summary>The mean of a metric over runs that differ in their seed, with its 95 % interval (Student's t).</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Interval">Its interval; for a single run that is unknown, and both ends are the mean.</param>
public readonly record struct MeanInterval(double Mean, Interval Interval)
{
    /// <summary>mean +- t(0.975, n - 1) s / sqrt(n), s the standard deviation with n - 1.</summary>
    public static MeanInterval Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        var mean = values.Average();
        if (values.Count == 1)
            return new MeanInterval(mean, new Interval(mean, mean));
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        var half = StudentT.InvCDF(0, 1, values.Count - 1, 0.975) * deviation / Math.Sqrt(values.Count);
        return new MeanInterval(mean, new Interval(mean - half, mean + half));
    }
}
