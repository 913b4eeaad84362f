namespace OrtPeft.Tests;

/// <summary>A flipped bit anywhere is found, or harmless; never is a wrong value served.</summary>
sealed class FeatureDamageTests
{
    [Test]
    public void A_thousand_bits_flipped_one_by_one()
    {
        using var place = new CachePlace();
        var mails = TextData.FromExamples(Tiny.Mails(40), "mails");
        place.Run("cache", mails);
        var truth = place.Values("cache", mails);
        var files = Directory.GetFiles(place["cache"]).Where(f => new FileInfo(f).Length > 0).Order(StringComparer.Ordinal).ToArray();
        Assert.That(files.Select(Path.GetFileName), Is.SupersetOf(new[] { "cache.json", "shard-00000.safetensors", FeatureIndex.FileOf("mails") }));
        var contents = files.Select(File.ReadAllBytes).ToArray();
        var checksum = FeatureManifest.TryLoad(place["cache"])!.Checksum;
        var total = contents.Sum(c => (long)c.Length);
        var random = new CounterRandom(0, "flips");
        var (found, harmless) = (0, 0);
        for (var flip = 0; flip < 1000; flip++)
        {
            // The small files get their share: every fourth flip goes to any file, whatever its size.
            var file = flip % 4 == 0 ? random.NextInt32(files.Length) : PlaceOf(contents, random.NextInt32((int)total)).File;
            var at = random.NextInt32(contents[file].Length);
            var broken = (byte[])contents[file].Clone();
            broken[at] ^= (byte)(1 << random.NextInt32(8));
            File.WriteAllBytes(files[file], broken);
            try
            {
                using var cache = FeatureCache.OpenAsync(place["cache"]).GetAwaiter().GetResult();
                Assert.That(mails.Select(m => cache.Read(m)), Is.EqualTo(truth), $"{Path.GetFileName(files[file])}, byte {at}: served as if sound");
                harmless++;
                var name = Path.GetFileName(files[file]);
                if (name.StartsWith("index-", StringComparison.Ordinal))
                    Assert.That(FeatureIndex.TryLoad(place["cache"], "mails"), Is.Null, $"byte {at} of the index: not found");
                else if (name == FeatureManifest.FileName)
                    Assert.That(FeatureManifest.TryLoad(place["cache"])!.Checksum, Is.EqualTo(checksum), $"byte {at} of the manifest: it says something else");
                else
                    Assert.That(name, Is.EqualTo(FeatureUses.FileName), $"byte {at}: not found");
            }
            catch (OrtPeftException e)
            {
                Assert.That(e.Message, Does.Contain("damaged").Or.Contain("format"), $"{Path.GetFileName(files[file])}, byte {at}");
                found++;
            }
            File.WriteAllBytes(files[file], contents[file]);
        }
        TestContext.Out.WriteLine($"{found} found when opened, {harmless} in the index (found when read), the diary of uses, or a name in the manifest whose value is the default (harmless)");
        Assert.That(found, Is.GreaterThan(700));
    }

    [Test]
    public void Damaged_shards_are_computed_again_bit_by_bit()
    {
        using var place = new CachePlace();
        var mails = TextData.FromExamples(Tiny.Mails(40), "mails");
        place.Run("cache", mails);
        var before = place.Shards("cache");
        var random = new CounterRandom(1, "flips");
        for (var i = 0; i < 12; i++)
        {
            var shard = Path.Combine(place["cache"], before.Keys.Order(StringComparer.Ordinal).ElementAt(random.NextInt32(before.Count)));
            if (i % 3 == 0)
                File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..random.NextInt32((int)new FileInfo(shard).Length)]);
            else
                TemporaryFolder.FlipBit(shard, random.NextInt32((int)new FileInfo(shard).Length));
            var result = place.Run("cache", mails);
            Assert.That(result.Computed, Is.InRange(1, 20), "one shard, no more");
            Assert.That(place.Shards("cache"), Is.EquivalentTo(before));
        }
    }

    [Test]
    public void A_line_of_the_diary_that_was_cut_short_is_cut_back()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["cache"]);
        FeatureUses.Add(folder["cache"], new FeatureUse(DateTime.UnixEpoch, "a", null, 1, 1));
        var path = Path.Combine(folder["cache"], FeatureUses.FileName);
        File.AppendAllText(path, "{\"at\":\"20");
        FeatureUses.Add(folder["cache"], new FeatureUse(DateTime.UnixEpoch, "b", "mails", 2, 0));
        Assert.That(FeatureUses.Read(folder["cache"]).Select(u => (u.By, u.Data, u.Examples)), Is.EqualTo(new[] { ("a", (string?)null, 1), ("b", "mails", 2) }));
        Assert.That(File.ReadLines(path).Count(), Is.EqualTo(2));
    }

    static (int File, int At) PlaceOf(byte[][] contents, int at)
    {
        var file = 0;
        while (at >= contents[file].Length)
            at -= contents[file++].Length;
        return (file, at);
    }
}
