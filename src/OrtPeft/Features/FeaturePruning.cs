namespace OrtPeft;

/// <summary>Removes caches that nobody needs any more.</summary>
public static class FeaturePruning
{
    /// <summary>The files a cache consists of; nothing else is ever removed.</summary>
    static readonly string[] Patterns =
        ["shard-*.safetensors", "index-*.safetensors", "cache.json", "cache-part-*.json", "cache*.lock", "cache*.lock.owner", FeatureUses.FileName, FeatureCalibration.FileName, ".*.tmp"];

    /// <summary>
    /// Removes the cache in <paramref name="folder"/> and those beside it that were made for other fingerprints (`folder-xxxxxxxx`), as far as
    /// nobody has used them for <paramref name="unusedFor"/>. A cache that is being filled stays.
    /// </summary>
    /// <param name="folder">The cache's folder, as it is given to the caching job.</param>
    /// <param name="unusedFor">For how long.</param>
    /// <param name="dryRun">Whether to remove nothing and only say what would be.</param>
    /// <returns>Folder, bytes and last use of each cache removed.</returns>
    /// <exception cref="OrtPeftException">There is no cache, or a file cannot be removed.</exception>
    public static IReadOnlyList<PrunedCache> Run(string folder, TimeSpan unusedFor, bool dryRun = false)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(folder) ?? folder;
        var caches = !Directory.Exists(parent) ? [] : Directory.EnumerateDirectories(parent, Path.GetFileName(folder) + "*").Append(folder).Distinct()
            .Where(f => IsMine(f, folder) && File.Exists(Path.Combine(f, FeatureManifest.FileName))).Order(StringComparer.Ordinal).ToArray();
        if (caches.Length == 0)
            throw new OrtPeftException($"'{folder}' holds no feature cache ({FeatureManifest.FileName}).");
        var pruned = new List<PrunedCache>();
        foreach (var cache in caches)
        {
            var used = FeatureInfo.LastUse(cache);
            if (DateTime.UtcNow - used < unusedFor)
                continue;
            var files = Patterns.SelectMany(p => Directory.EnumerateFiles(cache, p)).Distinct().ToArray();
            var bytes = files.Sum(f => new FileInfo(f).Length);
            if (dryRun || Remove(cache, files))
                pruned.Add(new PrunedCache(cache, bytes, used));
        }
        return pruned;
    }

    static bool IsMine(string candidate, string folder) =>
        candidate == folder || (candidate.Length == folder.Length + 9 && candidate[folder.Length] == '-' && candidate[(folder.Length + 1)..].All(char.IsAsciiHexDigitLower));

    static bool Remove(string cache, string[] files)
    {
        using (var taken = FeatureLock.TryTake(cache, FeatureLock.FileName, [], out _))
        {
            if (taken is null)
                return false;
            // The manifest first: a cache without one is none, whatever happens to the rest.
            foreach (var file in files.OrderBy(f => Path.GetFileName(f) != FeatureManifest.FileName).Where(f => !Path.GetFileName(f).StartsWith(FeatureLock.FileName, StringComparison.Ordinal)))
                File.Delete(file);
        }
        File.Delete(Path.Combine(cache, FeatureLock.FileName));
        if (!Directory.EnumerateFileSystemEntries(cache).Any())
            Directory.Delete(cache);
        return true;
    }
}

/// <summary>A cache that was removed.</summary>
/// <param name="Folder">Where it was.</param>
/// <param name="Bytes">What it took.</param>
/// <param name="Used">When it was used last, UTC.</param>
public sealed record PrunedCache(string Folder, long Bytes, DateTime Used);
