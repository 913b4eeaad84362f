using System.Globalization;

namespace OrtPeft;

/// <summary>Numbers as people read them.</summary>
static class Measures
{
    internal static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} bytes",
        < 1_000_000 => $"{Number(bytes / 1e3)} kB",
        < 1_000_000_000 => $"{Number(bytes / 1e6)} MB",
        _ => $"{Number(bytes / 1e9)} GB",
    };

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 epoch", "1,200 epochs".</summary>
    internal static string Count(long count, string thing) => $"{Count(count)} {thing}{(count == 1 ? "" : "s")}";

    internal static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");

    /// <summary>A number with one decimal, if it is small enough for that to matter.</summary>
    internal static string Number(double value) => value.ToString(Math.Abs(value) < 99.95 ? "F1" : "N0", CultureInfo.InvariantCulture);

    internal static string Seconds(double seconds) => seconds < 100
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60} s");

    /// <summary>What is left of work that is <paramref name="done"/> by <paramref name="elapsed"/>: "1:05 left".</summary>
    internal static string Left(TimeSpan elapsed, double done, double total)
    {
        var left = TimeSpan.FromSeconds(done > 0 ? elapsed.TotalSeconds * (total - done) / done : 0);
        return left.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{left:m\\:ss} left")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left:mm\\:ss} left");
    }
}
