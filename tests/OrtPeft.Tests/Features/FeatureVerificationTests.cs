namespace OrtPeft.Tests;

sealed class FeatureVerificationTests
{
    static readonly TextData Mails = Tiny.Mails(60);

    static FeatureVerificationResult Verify(CachePlace place, FeatureOptions? options = null) =>
        FeatureVerification.Run(place.Backbone, Mails, place["cache"], options ?? CachePlace.Small, new ExecutionOptions { Threads = 1 }, texts: 20);

    [Test]
    public void A_right_cache_holds([Values] FeatureDType dtype, [Values("all", "mean")] string keep)
    {
        using var place = new CachePlace();
        var options = CachePlace.Small with { DType = dtype, Keep = keep, At = "layer.1" };
        place.Run("cache", Mails, options);
        var result = Verify(place, options);
        Assert.That(result.Holds);
        Assert.That(result.Texts, Is.AtLeast(20));
        Assert.That(result.LargestDifference, Is.LessThanOrEqualTo(result.Tolerance).And.GreaterThan(dtype == FeatureDType.Fp32 ? -1 : result.Tolerance / 8));
    }

    [Test]
    public void A_flipped_bit_is_a_fault()
    {
        using var place = new CachePlace();
        place.Run("cache", Mails);
        TemporaryFolder.FlipBit(place["cache/shard-00001.safetensors"], 3000);
        var result = Verify(place);
        Assert.That(result.Holds, Is.False);
        Assert.That(result.Faults.Single(), Does.StartWith("shard-00001.safetensors: its checksum is "));
    }

    /// <summary>Sound to the last bit, but of another model: what a wrong hash of a backbone would leave.</summary>
    [Test]
    public void Features_of_another_model_under_this_one_s_fingerprint_are_found()
    {
        using var place = new CachePlace();
        var other = BackboneQuantizer.Write(place.Backbone, place["int8"]).Backbone;
        var fingerprint = FeatureFingerprint.Of(place.Backbone, CachePlace.Small, new ExecutionOptions());
        using (var store = new FeatureStore(place["cache"], fingerprint, null, []))
        {
            var tokenizer = other.RequireTokenizer();
            var plan = FeaturePlan.Make([.. Mails.Select(m => new PlannedExample(m.Id, FeatureKey.Of(m), EncodedExample.Of(tokenizer, m, 16)))], 0, CachePlace.Small with { TokensPerShard = 4096 })[0];
            var pipeline = new FeaturePipeline(store, new FeatureTally(null, 0), () => new FrozenEncoder(other, new ExecutionOptions()));
            pipeline.RunAsync(new[] { plan }.ToAsyncEnumerable(), 1, default).GetAwaiter().GetResult();
        }
        var result = Verify(place);
        Assert.That((result.Faults.Count, result.Holds), Is.EqualTo((0, false)));
        Assert.That(result.Deviations, Is.Not.Empty);
    }

    [Test]
    public void Info_counts_what_is_there()
    {
        using var place = new CachePlace();
        var result = place.Run("cache", TextData.FromExamples(Mails, "mails"));
        var info = FeatureInfo.Of(place["cache"]);
        Assert.That((info.Texts, info.Tokens, info.Bytes, info.Shards), Is.EqualTo((60, result.Tokens, result.Bytes, info.PlannedShards)));
        Assert.That(info.Lengths.Sum(l => l.Texts), Is.EqualTo(60));
        Assert.That(info.Lengths.Select(l => l.UpTo), Is.SubsetOf(new[] { 4, 8, 16 }));
        Assert.That(info.Data, Is.EqualTo(new Dictionary<string, int> { ["mails"] = 60 }));
        Assert.That(info.Uses.Single(), Has.Property("Computed").EqualTo(60).And.Property("Data").EqualTo("mails"));
        Assert.That(info.Fields["dtype"], Is.EqualTo("F32"));
    }

    [Test]
    public void Pruning_removes_what_nobody_used_and_nothing_else()
    {
        using var place = new CachePlace();
        place.Run("cache", Mails);
        var beside = place.Run("cache", Mails, CachePlace.Small with { MaxLength = 8 }).Folder;
        var bytes = Directory.GetFiles(beside).Sum(f => new FileInfo(f).Length);
        Directory.CreateDirectory(place["cache-of-somebody"]);
        File.WriteAllText(place["cache-of-somebody/cache.json"], "mine");
        File.WriteAllText(Path.Combine(place["cache"], "notes.txt"), "mine");
        Assert.That(FeaturePruning.Run(place["cache"], TimeSpan.FromDays(30)), Is.Empty);
        File.Delete(Path.Combine(beside, FeatureUses.FileName));
        File.SetLastWriteTimeUtc(Path.Combine(beside, "cache.json"), DateTime.UtcNow.AddDays(-40));
        Assert.That(FeaturePruning.Run(place["cache"], TimeSpan.FromDays(30), dryRun: true).Select(c => c.Folder), Is.EqualTo(new[] { beside }));
        Assert.That(Directory.Exists(beside));
        Assert.That(FeaturePruning.Run(place["cache"], TimeSpan.FromDays(30)).Single().Bytes, Is.EqualTo(bytes).Within(1000));
        Assert.That(Directory.Exists(beside), Is.False);
        Assert.That(FeaturePruning.Run(place["cache"], TimeSpan.Zero), Has.Count.EqualTo(1));
        Assert.That(Directory.GetFiles(place["cache"]).Select(Path.GetFileName), Is.EqualTo(new[] { "notes.txt" }));
        Assert.That(File.Exists(place["cache-of-somebody/cache.json"]));
    }
}
