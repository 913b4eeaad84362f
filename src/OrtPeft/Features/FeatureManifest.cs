using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// `cache.json`: what a cache holds and how to check it. Rewritten atomically after every shard. While several parts fill a cache, each has
/// a file of its own (`cache-part-I-of-N.json`), and what is there is all of them together.
/// </summary>
sealed record FeatureManifest
{
    internal const string FileName = "cache.json";
    internal const int CurrentFormat = 2;

    public int Format { get; init; } = CurrentFormat;
    public required FeatureFingerprint Fingerprint { get; init; }
    public required string FingerprintHash { get; init; }
    public IReadOnlyList<FeatureWindowEntry> Windows { get; init; } = [];
    public IReadOnlyList<FeatureShardEntry> Shards { get; init; } = [];

    /// <summary>CRC-32C of this object as compact JSON with an empty checksum.</summary>
    public string Checksum { get; init; } = "";

    internal static FeatureManifest Empty(FeatureFingerprint fingerprint) => new() { Fingerprint = fingerprint, FingerprintHash = fingerprint.Hash };

    /// <summary>Everything known of <paramref name="folder"/>, parts included; null when nothing is.</summary>
    internal static FeatureManifest? TryLoad(string folder)
    {
        var main = TryLoadFile(folder, FileName);
        return FeaturePart.FilesIn(folder).Select(file => TryLoadFile(folder, file)).Aggregate(main, (all, part) => Union(folder, all, part));
    }

    /// <summary>Reads one file of <paramref name="folder"/>, or null when there is none.</summary>
    internal static FeatureManifest? TryLoadFile(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
            return null;
        var manifest = Json.Read<FeatureManifest>(path, "Feature cache", Remedy);
        if (manifest.Format != CurrentFormat)
            throw new OrtPeftException($"Feature cache '{folder}' has format {manifest.Format}; this version reads {CurrentFormat}. Choose another folder.");
        if (manifest.Checksum != manifest.ComputeChecksum() || manifest.Fingerprint.Hash != manifest.FingerprintHash
            || manifest.Shards.Any(s => s.File != FeatureShardEntry.NameOf(s.Number)))
        {
            throw new OrtPeftException($"Feature cache: '{path}' is damaged: it does not fit its checksum. {Remedy}");
        }
        return manifest;
    }

    internal void Save(string folder, string file = FileName) => Json.Write(Path.Combine(folder, file), this with { Checksum = ComputeChecksum() });

    internal FeatureManifest With(FeatureShardEntry shard) =>
        this with { Shards = [.. Shards.Where(s => s.Number != shard.Number).Append(shard).OrderBy(s => s.Number)] };

    internal FeatureManifest With(FeatureWindowEntry window) => this with { Windows = [.. Windows, window] };

    internal int NextShard => Windows.Select(w => w.FirstShard + w.ShardCount).DefaultIfEmpty(0).Max();

    /// <summary>Whether every shard that was planned is there.</summary>
    internal bool IsComplete => !PlannedShards.Except(Shards.Select(s => s.Number)).Any();

    /// <summary>Numbers of all shards that are there or planned.</summary>
    internal IEnumerable<int> PlannedShards => Windows.SelectMany(w => Enumerable.Range(w.FirstShard, w.ShardCount)).Union(Shards.Select(s => s.Number));

    static FeatureManifest? Union(string folder, FeatureManifest? all, FeatureManifest? part)
    {
        if (all is null || part is null)
            return all ?? part;
        if (part.FingerprintHash != all.FingerprintHash)
            throw new OrtPeftException($"Feature cache '{folder}' holds parts of different caches ({part.Differences(all)}). Give every part the same options, or remove the files of the odd one.");
        var windows = all.Windows.Union(part.Windows).OrderBy(w => w.FirstShard).ToArray();
        for (var i = 1; i < windows.Length; i++)
        {
            if (windows[i].FirstShard < windows[i - 1].FirstShard + windows[i - 1].ShardCount)
                throw new OrtPeftException($"Feature cache '{folder}' holds parts of different data sets. Run all parts over the same data, in the same order; remove the files of the odd part.");
        }
        return all with { Windows = windows, Shards = [.. all.Shards.Concat(part.Shards).DistinctBy(s => s.Number).OrderBy(s => s.Number)] };
    }

    string Differences(FeatureManifest other) => string.Join("; ", Fingerprint.DifferencesTo(other.Fingerprint).Select(d => $"{d.Field} is {d.Here} and {d.There}"));

    string ComputeChecksum() => Crc32C.Format(Crc32C.Compute(JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = "" }, Json.Compact)));

    const string Remedy = "Delete it, or choose another folder; features are computed again.";
}

/// <summary>A stretch of a data set that was planned as a whole: which texts it has, and which shards hold those that were missing.</summary>
/// <param name="Data">Hash of the content keys of all its examples, in order.</param>
/// <param name="Plan">Hash of the content keys of the examples to compute, in order.</param>
/// <param name="FirstShard">Number of the first planned shard.</param>
/// <param name="ShardCount">Shards planned.</param>
sealed record FeatureWindowEntry(string Data, string Plan, int FirstShard, int ShardCount);

/// <summary>One finished shard.</summary>
sealed record FeatureShardEntry(int Number, string File, int Examples, long Tokens, long Bytes, string Crc32c)
{
    internal static string NameOf(int number) => $"shard-{number:D5}.safetensors";
}
