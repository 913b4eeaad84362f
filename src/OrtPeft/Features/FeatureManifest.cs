namespace OrtPeft;

/// <summary>`cache.json`: what a cache holds and how to check it. Rewritten atomically after every shard.</summary>
sealed record FeatureManifest
{
    internal const string FileName = "cache.json";
    internal const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;
    public required FeatureFingerprint Fingerprint { get; init; }
    public required string FingerprintHash { get; init; }
    public IReadOnlyList<FeatureJobEntry> Jobs { get; init; } = [];
    public IReadOnlyList<FeatureShardEntry> Shards { get; init; } = [];

    internal static FeatureManifest Empty(FeatureFingerprint fingerprint) => new() { Fingerprint = fingerprint, FingerprintHash = fingerprint.Hash };

    /// <summary>Reads the manifest of <paramref name="folder"/>, or null when there is none.</summary>
    internal static FeatureManifest? TryLoad(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        var manifest = Json.Read<FeatureManifest>(path, "Feature cache", "Delete it, or choose another folder; features are computed again.");
        if (manifest.Format != CurrentFormat)
            throw new OrtPeftException($"Feature cache '{folder}' has format {manifest.Format}; this version reads {CurrentFormat}. Choose another folder.");
        if (manifest.Fingerprint.Hash != manifest.FingerprintHash || manifest.Shards.Any(s => s.File != FeatureShardEntry.NameOf(s.Number)))
            throw new OrtPeftException($"Feature cache: '{path}' is damaged. Delete it, or choose another folder; features are computed again.");
        return manifest;
    }

    internal void Save(string folder) => Json.Write(Path.Combine(folder, FileName), this);

    internal FeatureManifest With(FeatureShardEntry shard) =>
        this with { Shards = [.. Shards.Where(s => s.Number != shard.Number).Append(shard).OrderBy(s => s.Number)] };
}

/// <summary>One caching job: which examples it was asked for, and which shards it planned for those not yet there.</summary>
/// <param name="Data">Hash of the content keys of all examples, in order.</param>
/// <param name="Plan">Hash of the content keys of the examples to compute, in order.</param>
/// <param name="FirstShard">Number of the first planned shard.</param>
/// <param name="ShardCount">Shards planned.</param>
sealed record FeatureJobEntry(string Data, string Plan, int FirstShard, int ShardCount);

/// <summary>One finished shard.</summary>
sealed record FeatureShardEntry(int Number, string File, int Examples, long Tokens, long Bytes, string Crc32c)
{
    internal static string NameOf(int number) => $"shard-{number:D5}.safetensors";
}
