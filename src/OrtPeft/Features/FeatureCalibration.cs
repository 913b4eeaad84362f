namespace OrtPeft;

/// <summary>How the backbone is called: so many calls at once, each with so many threads of its own. Changes no value.</summary>
/// <param name="Calls">Calls at once, on one session.</param>
/// <param name="IntraOpThreads">Threads of each call.</param>
public sealed record FeatureShape(int Calls, int IntraOpThreads);

/// <summary>`calibration.json`: which shape was fastest for a cache's backbone on a machine. Another machine measures anew.</summary>
sealed record FeatureCalibration
{
    internal const string FileName = "calibration.json";

    public required string Machine { get; init; }
    public required int Threads { get; init; }
    public required FeatureShape Shape { get; init; }
    public required double TokensPerSecond { get; init; }

    /// <summary>What was measured on this machine for the cache in <paramref name="folder"/>, or null.</summary>
    internal static FeatureCalibration? TryLoad(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var known = File.Exists(path) ? Json.Read<FeatureCalibration>(path, "Calibration", "Delete it.") : null;
            return known?.Machine == Environment.MachineName ? known : null;
        }
        catch (OrtPeftException)
        {
            return null; // measured anew
        }
    }

    /// <summary>The shape to compute with: what was measured for so many threads, else a call a thread, which is fastest on most CPUs.</summary>
    internal static FeatureShape ShapeFor(FeatureCalibration? known, ExecutionOptions execution) =>
        execution.Chosen.IsCpu && known is { } measured && measured.Threads == execution.EffectiveThreads && measured.Shape.Calls * measured.Shape.IntraOpThreads <= measured.Threads
            ? measured.Shape
            : new FeatureShape(execution.Calls, IntraOpThreads: 1);

    internal static FeatureShape ShapeIn(string folder, ExecutionOptions execution) => ShapeFor(TryLoad(folder), execution);

    /// <summary>
    /// Computes a few texts in every shape of so many threads, and keeps the fastest. Says a line for each. Rows in a run are not chosen here:
    /// a dynamically quantized backbone gives other values for other neighbours, so they belong to the fingerprint.
    /// </summary>
    internal static IEnumerable<string> Measure(Backbone backbone, IEnumerable<Example> examples, string folder, FeatureOptions options, ExecutionOptions execution,
        CancellationToken cancellationToken)
    {
        execution.Validate();
        if (!execution.Chosen.IsCpu)
            throw new OrtPeftException($"--calibrate shares the processor's threads out; provider {execution.EffectiveProvider} runs one batch a device at once. Leave it out.");
        options.Validate(backbone);
        var fingerprint = FeatureFingerprint.Of(backbone, options, execution);
        folder = FeatureFolder.Choose(folder, fingerprint, []);
        var site = new FeatureSite(fingerprint.Site, fingerprint.Tensors);
        var sample = new EvenSample(SampleSize);
        foreach (var example in examples)
            sample.Add(example);
        var tokens = sample.Kept.Select(e => backbone.Read(e, options.MaxLength)).ToArray();
        var runs = FeaturePlan.Runs([.. tokens.Select(t => t.Length)], options.TokensPerRun);
        FeatureCalibration? best = null;
        foreach (var shape in Shapes(execution.EffectiveThreads))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var encoder = new FrozenEncoder(backbone, execution, site, shape.IntraOpThreads);
            encoder.RunSite([tokens[0]], (_, _) => { });
            var watch = System.Diagnostics.Stopwatch.StartNew();
            Parallel.ForEach(runs, new ParallelOptions { MaxDegreeOfParallelism = shape.Calls, CancellationToken = cancellationToken },
                run => encoder.RunSite([.. run.Select(i => tokens[i])], (_, _) => { }));
            var rate = tokens.Sum(t => t.Length) / watch.Elapsed.TotalSeconds;
            if (best is null || rate > best.TokensPerSecond)
                best = new FeatureCalibration { Machine = Environment.MachineName, Threads = execution.EffectiveThreads, Shape = shape, TokensPerSecond = rate };
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Calibration: {shape.Calls} calls at once, threads in each {shape.IntraOpThreads}: {rate:N0} tokens/s");
        }
        Json.Write(Path.Combine(folder, FileName), best);
        yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Calibration: {best!.Shape.Calls} x {best.Shape.IntraOpThreads} is taken, and remembered in {Path.Combine(folder, FileName)}");
    }

    /// <summary>All ways to share threads evenly: many calls with a thread each, one call with all.</summary>
    static IEnumerable<FeatureShape> Shapes(int threads) =>
        Enumerable.Range(1, threads).Where(t => threads % t == 0).Select(t => new FeatureShape(threads / t, t));

    const int SampleSize = 32;
}
