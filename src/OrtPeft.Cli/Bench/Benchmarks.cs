using System.Diagnostics;
using System.Globalization;

namespace OrtPeft;

/// <summary>What a benchmark works on.</summary>
/// <param name="Backbone">The frozen model.</param>
/// <param name="Mails">The texts.</param>
/// <param name="Execution">Provider and threads.</param>
/// <param name="Quick">A few texts, one round: a look, not a measurement.</param>
/// <param name="Output">Where to say how far it is.</param>
sealed record BenchmarkInput(Backbone Backbone, MailCorpus Mails, ExecutionOptions Execution, bool Quick, Output Output);

/// <summary>One measured line.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="What">What was measured.</param>
/// <param name="Value">The measured value with its unit.</param>
/// <param name="Ratio">Ratio to the benchmark's reference, measured in the same run.</param>
/// <param name="Goal">What the ratio should be.</param>
sealed record BenchmarkRow(string Benchmark, string What, string Value, double? Ratio = null, string? Goal = null);

/// <summary>All benchmarks by name.</summary>
static class Benchmarks
{
    internal static readonly IReadOnlyDictionary<string, Func<BenchmarkInput, CancellationToken, IEnumerable<BenchmarkRow>>> Table =
        new Dictionary<string, Func<BenchmarkInput, CancellationToken, IEnumerable<BenchmarkRow>>>
        {
            ["caching"] = CachingBenchmark.Run,
            ["caching-scale"] = CachingScaleBenchmark.Run,
            ["endless-training"] = EndlessTrainingBenchmark.Run,
            ["epoch"] = EpochBenchmark.Run,
            ["gradient"] = GradientBenchmark.Run,
            ["merge"] = MergeBenchmark.Run,
            ["mixed-lengths"] = MixedLengthsBenchmark.Run,
            ["step"] = StepBenchmark.Run,
            ["tokenize"] = TokenizeBenchmark.Run,
            ["tuning"] = TuningBenchmark.Run,
            ["tuning-memory"] = TuningMemoryBenchmark.Run,
        };

    /// <summary>Wall time of <paramref name="work"/>.</summary>
    internal static double Seconds(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    internal static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{1000 * seconds:F0} ms");

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
