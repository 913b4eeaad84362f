using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>A text whose cached features are not what the backbone computes.</summary>
/// <param name="Id">Its id in the data set.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Difference">Largest difference of a value, divided by the largest value.</param>
public sealed record FeatureDeviation(string Id, string Tensor, double Difference);

/// <summary>What a verification found.</summary>
/// <param name="Shards">Shards compared with their checksums.</param>
/// <param name="Texts">Texts computed anew.</param>
/// <param name="Tolerance">Largest difference, divided by the largest value of a text, that storing may make.</param>
/// <param name="LargestDifference">Largest difference found.</param>
/// <param name="Faults">Damaged shards.</param>
/// <param name="Deviations">Texts that differ by more than the tolerance.</param>
public sealed record FeatureVerificationResult(int Shards, int Texts, double Tolerance, double LargestDifference, IReadOnlyList<string> Faults, IReadOnlyList<FeatureDeviation> Deviations)
{
    /// <summary>Whether all is as it should be.</summary>
    public bool Holds => Faults.Count == 0 && Deviations.Count == 0 && Texts > 0;
}

/// <summary>Proves a cache: every shard against its checksum, a random sample of it against the live backbone.</summary>
public static class FeatureVerification
{
    /// <summary>Verifies the cache that the same job would use.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="examples">Texts that are in the cache.</param>
    /// <param name="folder">The cache's folder.</param>
    /// <param name="options">What is cached.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <param name="texts">Texts to compute anew, at least; whole runs are.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OrtPeftException">There is no such cache.</exception>
    public static FeatureVerificationResult Run(Backbone backbone, IReadOnlyList<Example> examples, string folder, FeatureOptions options, ExecutionOptions execution,
        int texts = 100, long seed = 0, CancellationToken cancellationToken = default)
    {
        options.Validate(backbone);
        options = options.On(execution);
        var fingerprint = FeatureFingerprint.Of(backbone, options, execution);
        folder = FeatureFolder.Choose(folder, fingerprint, []);
        var manifest = FeatureManifest.TryLoad(folder) ?? throw new OrtPeftException($"There is no feature cache for this model and these options at '{folder}'. Run the caching job first.");
        var faults = manifest.Shards.AsParallel().AsOrdered().WithCancellation(cancellationToken)
            .Select(s => FeatureFolder.Fault(folder, s) is { } fault ? $"{s.File}: {fault}" : null).OfType<string>().ToArray();
        var tolerance = Tolerance(options.DType);
        if (faults.Length > 0)
            return new FeatureVerificationResult(manifest.Shards.Count, 0, tolerance, 0, faults, []);

        using var cache = FeatureCache.Open(folder);
        using var encoder = new FrozenEncoder(backbone, execution, new FeatureSite(fingerprint.Site, fingerprint.Tensors), intraOpThreads: 1);
        var byKey = examples.GroupBy(FeatureKey.Of).ToDictionary(g => g.Key, g => g.First());
        var shards = manifest.Shards.ToArray();
        new CounterRandom(seed, "verify").Shuffle(shards.AsSpan());
        var random = new CounterRandom(seed, "verify runs");
        var (done, largest, deviations) = (0, 0.0, new List<FeatureDeviation>());
        var keep = TokenChoice.Parse(fingerprint.Tokens);
        var perShard = Math.Max(1, texts / Math.Max(1, shards.Length));
        foreach (var shard in shards)
        {
            if (done >= texts || PlanOf(folder, shard, byKey, backbone, options) is not { } plan)
                continue;
            // The very runs of the job: a dynamically quantized backbone gives other values with other neighbours.
            var runs = plan.Runs.ToArray();
            random.Shuffle(runs.AsSpan());
            var before = done;
            foreach (var run in runs.TakeWhile(_ => done - before < perShard))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var computed = plan.Examples.Skip(run.Start).Take(run.Count).ToArray();
                encoder.RunSite([.. computed.Select(e => e.Tokens)], (outputs, length) =>
                {
                    for (var t = 0; t < outputs.Count; t++)
                    {
                        var tensor = fingerprint.Tensors[t];
                        for (var i = 0; i < computed.Length; i++)
                        {
                            var live = new float[FeatureRows.Count(keep, tensor, computed[i].Tokens.Length) * tensor.Width];
                            FeatureRows.Copy(keep, tensor, outputs[t].GetTensorDataAsSpan<float>(), i, length, computed[i].Tokens.Length, live);
                            var difference = Difference(live, cache.Read(byKey[computed[i].Key], t));
                            largest = Math.Max(largest, difference);
                            if (!(difference <= tolerance))
                                deviations.Add(new FeatureDeviation(computed[i].Id, tensor.Name, difference));
                        }
                    }
                });
                done += computed.Length;
            }
        }
        return new FeatureVerificationResult(manifest.Shards.Count, done, tolerance, largest, faults, deviations);
    }

    /// <summary>How a shard was computed; null when not all its texts are at hand.</summary>
    static PlannedShard? PlanOf(string folder, FeatureShardEntry shard, Dictionary<FeatureKey, Example> byKey, Backbone backbone, FeatureOptions options)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, shard.File));
        var keys = FeatureCache.ReadKeys(file);
        if (!keys.All(byKey.ContainsKey))
            return null;
        var examples = keys.Select(k => new PlannedExample(byKey[k].Id, k, backbone.Read(byKey[k], options.MaxLength))).ToArray();
        return FeaturePlan.Make(examples, shard.Number, options)[0];
    }

    static double Difference(ReadOnlySpan<float> live, float[] cached)
    {
        if (live.Length != cached.Length)
            return double.PositiveInfinity;
        if (live.IsEmpty)
            return 0;
        var difference = new float[live.Length];
        TensorPrimitives.Subtract(live, cached, difference);
        return Math.Abs(TensorPrimitives.MaxMagnitude(difference)) / Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude(live)), 1e-30);
    }

    /// <summary>What rounding may do, and a little for another number of threads.</summary>
    static double Tolerance(FeatureDType dtype) => 1e-5 + dtype switch
    {
        FeatureDType.Fp16 => 1.0 / (1 << 11),
        FeatureDType.Bf16 => 1.0 / (1 << 8),
        FeatureDType.Int8 => 0.5 / 127,
        _ => 0,
    };
}
