namespace OrtPeft;

/// <summary>What a merge of parts found.</summary>
/// <param name="Parts">Parts merged.</param>
/// <param name="Shards">Shards there.</param>
/// <param name="PlannedShards">Shards planned.</param>
public sealed record FeatureMergeResult(int Parts, int Shards, int PlannedShards)
{
    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => Shards >= PlannedShards;
}

/// <summary>Completes the manifest of a cache that several parts have filled.</summary>
public static class FeatureMerge
{
    /// <summary>Makes one manifest of the parts' in <paramref name="folder"/>. Parts that are still running go on; merge again after them.</summary>
    /// <exception cref="OrtPeftException">There is no cache, the parts do not belong together, or another job is adding to the cache.</exception>
    public static FeatureMergeResult Run(string folder)
    {
        var parts = FeaturePart.FilesIn(folder).ToArray();
        var all = FeatureManifest.TryLoad(folder) ?? throw new OrtPeftException($"'{folder}' holds no feature cache ({FeatureManifest.FileName}) and no part of one.");
        if (parts.Length > 0)
        {
            using var taken = FeatureLock.TryTake(folder, FeatureLock.FileName, [], out var error);
            if (taken is null)
                throw error!;
            Run(folder, parts, all);
        }
        return new FeatureMergeResult(parts.Length, all.Shards.Count, all.PlannedShards.Count());
    }

    /// <summary>Writes the manifest, then removes the parts' own and what dead ones left; the caller holds the lock.</summary>
    internal static void Run(string folder, IEnumerable<string> parts, FeatureManifest all)
    {
        all.Save(folder);
        foreach (var part in parts)
            File.Delete(Path.Combine(folder, part));
        foreach (var leftover in Directory.EnumerateFiles(folder, "cache-part-*.lock"))
            AtomicFile.DeleteUnlessHeld(leftover);
        AtomicFile.DeleteLeftovers(folder);
    }
}
