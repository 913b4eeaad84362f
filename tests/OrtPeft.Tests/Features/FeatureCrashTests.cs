namespace OrtPeft.Tests;

/// <summary>
/// What lies in the folder when a process dies at each named point of writing; made by hand, because a killed process leaves exactly the files
/// it has written. Every time the next run ends with the bytes of an undisturbed one.
/// </summary>
sealed class FeatureCrashTests
{
    static readonly TextData Mails = TextData.FromExamples(Tiny.Mails(60), "mails");

    static readonly Dictionary<string, Action<string>> Points = new()
    {
        ["before anything"] = folder => Empty(folder),
        ["while the lock's owner is written"] = folder =>
        {
            Empty(folder);
            File.WriteAllText(Path.Combine(folder, "cache.lock.owner"), "{\"host\":");
        },
        ["with the lock held"] = folder => Json.Write(Path.Combine(folder, "cache.lock.owner"), new LockOwner(Environment.MachineName, 999_999, DateTime.UtcNow)),
        ["the plan is written, no shard is"] = folder => Keep(folder, shards: 0),
        ["while a shard is written"] = folder => HalfWritten(folder, keep: 2, half: true),
        ["a shard is written, not renamed"] = folder => HalfWritten(folder, keep: 2, half: false),
        ["a shard is renamed, the manifest does not know it"] = folder =>
        {
            var manifest = FeatureManifest.TryLoad(folder)!;
            Keep(folder, shards: 3);
            (manifest with { Shards = [.. manifest.Shards.Take(2)] }).Save(folder);
        },
        ["while the manifest is written"] = folder =>
        {
            Keep(folder, shards: 2);
            File.WriteAllBytes(Path.Combine(folder, $".cache.json.{Environment.MachineName}.999999.tmp"), File.ReadAllBytes(Path.Combine(folder, "cache.json"))[..100]);
        },
        ["all shards are there, the index is not"] = folder => File.Delete(Path.Combine(folder, FeatureIndex.FileOf("mails"))),
        ["while the index is written"] = folder => File.WriteAllBytes(Path.Combine(folder, FeatureIndex.FileOf("mails")), new byte[50]),
        ["parts are merged, their manifests not removed"] = folder => FeatureManifest.TryLoad(folder)!.Save(folder, "cache-part-1-of-2.json"),
        ["while the diary is written"] = folder => File.AppendAllText(Path.Combine(folder, FeatureUses.FileName), "{\"at\""),
    };

    static string[] Names() => [.. Points.Keys];

    [TestCaseSource(nameof(Names))]
    public void The_next_run_ends_with_the_same_bytes(string point)
    {
        using var place = new CachePlace();
        place.Run("cache", Mails);
        var before = Files(place["cache"]);
        Points[point](place["cache"]);
        var kept = FeatureManifest.TryLoad(place["cache"])?.Shards.Sum(s => s.Examples) ?? 0;
        var result = place.Run("cache", Mails);
        Assert.That((result.Computed, result.Reused), Is.EqualTo((60 - kept, kept)), "nothing that the manifest knows is computed again");
        Assert.That(Files(place["cache"]), Is.EqualTo(before));
    }

    static SortedDictionary<string, string> Files(string folder) =>
        new(Directory.GetFiles(folder).Where(f => Path.GetFileName(f) != FeatureUses.FileName).ToDictionary(f => Path.GetFileName(f), FileHash.OfFile), StringComparer.Ordinal);

    static void Empty(string folder)
    {
        foreach (var file in Directory.GetFiles(folder))
            File.Delete(file);
    }

    /// <summary>Leaves the first shards, and a manifest that knows these and the plan.</summary>
    static void Keep(string folder, int shards)
    {
        var manifest = FeatureManifest.TryLoad(folder)!;
        foreach (var shard in manifest.Shards.Skip(shards))
            File.Delete(Path.Combine(folder, shard.File));
        File.Delete(Path.Combine(folder, FeatureIndex.FileOf("mails")));
        (manifest with { Shards = [.. manifest.Shards.Take(shards)] }).Save(folder);
    }

    static void HalfWritten(string folder, int keep, bool half)
    {
        var next = Path.Combine(folder, FeatureShardEntry.NameOf(keep));
        var bytes = File.ReadAllBytes(next);
        Keep(folder, keep);
        File.WriteAllBytes(Path.Combine(folder, $".{Path.GetFileName(next)}.{Environment.MachineName}.999999.tmp"), half ? bytes[..(bytes.Length / 2)] : bytes);
    }
}
