namespace OrtPeft;

/// <summary>A cache's folder: which one to use, who may write to it, whether what lies there is sound.</summary>
static class FeatureFolder
{
    /// <summary>
    /// The folder asked for, or, when that holds features of another fingerprint, one beside it. Another fingerprint is another cache,
    /// never an overwrite.
    /// </summary>
    internal static string Choose(string folder, FeatureFingerprint fingerprint, List<string> notices)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(folder))
            throw new OrtPeftException($"Feature cache: '{folder}' is a file; expected a folder or nothing there.");
        if (FeatureManifest.TryLoad(folder) is not { } manifest || manifest.FingerprintHash == fingerprint.Hash)
            return folder;
        var beside = $"{folder}-{fingerprint.Hash[..8]}";
        var differences = manifest.Fingerprint.DifferencesTo(fingerprint).Select(d => $"{d.Field} is {Short(d.Here)} there, {Short(d.There)} is wanted");
        var isThere = FeatureManifest.TryLoad(beside) != null ? "using" : "computing a new one in";
        notices.Add($"The cache in '{folder}' does not fit ({string.Join("; ", differences)}); {isThere} '{beside}'.");
        return beside;
    }

    /// <summary>The manifest without the shards whose bytes are not what they were; those are computed again.</summary>
    internal static FeatureManifest LoadChecked(string folder, FeatureFingerprint fingerprint, List<string> notices)
    {
        var manifest = FeatureManifest.TryLoad(folder) ?? FeatureManifest.Empty(fingerprint);
        var checkedShards = manifest.Shards.AsParallel().AsOrdered().Select(shard => (Shard: shard, Fault: Fault(folder, shard))).ToArray();
        foreach (var (shard, fault) in checkedShards.Where(s => s.Fault != null))
            notices.Add($"{shard.File} is damaged or missing ({fault}); what is needed of its {shard.Examples} examples is computed again.");
        return manifest with { Shards = [.. checkedShards.Where(s => s.Fault is null).Select(s => s.Shard)] };
    }

    /// <summary>The shard that holds each stored example.</summary>
    internal static DigestTable StoredKeys(string folder, FeatureManifest manifest)
    {
        var keys = new DigestTable();
        foreach (var shard in manifest.Shards)
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder, shard.File));
            foreach (var key in FeatureCache.ReadKeys(file))
                keys.TryAdd(key.Value, shard.Number);
        }
        return keys;
    }

    internal static void CheckSpace(string folder, long bytes)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (bytes > free)
            throw new OrtPeftException($"Feature cache: about {Megabytes(bytes)} are needed in '{folder}', {Megabytes(free)} are free. " +
                "Make room, choose another folder, lower --max-length or take a smaller --dtype; what is computed already is kept.");

        static string Megabytes(long bytes) => $"{bytes / 1e6:N0} MB";
    }

    /// <summary>What is wrong with a shard's file; null when it is what was written.</summary>
    internal static string? Fault(string folder, FeatureShardEntry shard)
    {
        var file = new FileInfo(Path.Combine(folder, shard.File));
        try
        {
            if (!file.Exists)
                return "it is not there";
            if (file.Length != shard.Bytes)
                return $"it has {file.Length} bytes, expected {shard.Bytes}";
            var crc = Crc32C.OfFile(file.FullName);
            return crc == shard.Crc32c ? null : $"its checksum is {crc}, expected {shard.Crc32c}";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    internal static string Short(string value) => value.Length == 64 ? value[..12] : value;
}
