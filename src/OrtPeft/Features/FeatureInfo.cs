namespace OrtPeft;

/// <summary>What a cache is, for people.</summary>
public sealed record FeatureInfo
{
    /// <summary>The cache's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Hash of everything that changes a cached value.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What that is, by name.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>Different texts.</summary>
    public required int Texts { get; init; }

    /// <summary>Tokens computed for them.</summary>
    public required long Tokens { get; init; }

    /// <summary>Shards there, and shards planned.</summary>
    public required int Shards { get; init; }

    /// <summary>Shards planned; more than there are when a job was not finished.</summary>
    public required int PlannedShards { get; init; }

    /// <summary>Bytes of all shards.</summary>
    public required long Bytes { get; init; }

    /// <summary>When the first shard was written, UTC; null when there is none.</summary>
    public DateTime? Created { get; init; }

    /// <summary>When the last shard was written, UTC.</summary>
    public DateTime? Changed { get; init; }

    /// <summary>When it was used last, UTC; when nobody knows, when it was changed last.</summary>
    public DateTime? Used { get; init; }

    /// <summary>Texts by stored rows: upper end of a range of lengths and how many there are, for example (16, 120) for 9 to 16.</summary>
    public required IReadOnlyList<LengthCount> Lengths { get; init; }

    /// <summary>Data sets it was filled with, by name, and their numbers of examples.</summary>
    public required IReadOnlyDictionary<string, int> Data { get; init; }

    /// <summary>Who used it, oldest first.</summary>
    public required IReadOnlyList<FeatureUse> Uses { get; init; }

    /// <summary>Number of texts of a range of lengths.</summary>
    /// <param name="UpTo">Longest of the range; the range begins behind the one before.</param>
    /// <param name="Texts">How many.</param>
    public sealed record LengthCount(int UpTo, int Texts);

    /// <summary>Looks at the cache in <paramref name="folder"/>.</summary>
    /// <exception cref="OrtPeftException">There is none, or it is damaged.</exception>
    public static FeatureInfo Of(string folder)
    {
        using var cache = FeatureCache.Open(folder);
        var manifest = FeatureManifest.TryLoad(folder)!;
        var files = manifest.Shards.Select(s => File.GetLastWriteTimeUtc(Path.Combine(folder, s.File))).ToArray();
        var uses = FeatureUses.Read(folder);
        return new FeatureInfo
        {
            Folder = Path.GetFullPath(folder),
            Fingerprint = manifest.FingerprintHash,
            Fields = manifest.Fingerprint.Fields().ToDictionary(f => f.Name, f => f.Value),
            Texts = cache.Count,
            Tokens = manifest.Shards.Sum(s => s.Tokens),
            Shards = manifest.Shards.Count,
            PlannedShards = manifest.PlannedShards.Count(),
            Bytes = manifest.Shards.Sum(s => s.Bytes),
            Created = files.Length == 0 ? null : files.Min(),
            Changed = files.Length == 0 ? null : files.Max(),
            Used = LastUse(folder),
            Lengths = [.. cache.Keys.GroupBy(k => PowerOfTwo(cache.Length(k))).OrderBy(g => g.Key).Select(g => new LengthCount(g.Key, g.Count()))],
            Data = FeatureIndex.All(folder).ToDictionary(i => i.Data, i => i.Count),
            Uses = uses,
        };
    }

    /// <summary>When the cache in <paramref name="folder"/> was used last, UTC.</summary>
    internal static DateTime LastUse(string folder)
    {
        var manifest = File.GetLastWriteTimeUtc(Path.Combine(folder, FeatureManifest.FileName));
        return FeatureUses.Read(folder).Select(u => u.At).Append(manifest).Max();
    }

    static int PowerOfTwo(int length) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, length));
}
