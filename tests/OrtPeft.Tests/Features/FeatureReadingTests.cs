using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>Reading: by others, while somebody writes, ahead of the trainer.</summary>
sealed class FeatureReadingTests
{
    [TestCase(FeatureDType.Fp32)]
    [TestCase(FeatureDType.Fp16)]
    [TestCase(FeatureDType.Bf16)]
    [TestCase(FeatureDType.Int8)]
    public void Another_reader_finds_what_the_documentation_says(FeatureDType dtype)
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(12);
        place.Run("cache", mails, CachePlace.Small with { DType = dtype });
        var shard = FeatureManifest.TryLoad(place["cache"])!.Shards[0];
        using var json = Node(Path.Combine(TestContext.CurrentContext.TestDirectory, "read-shard.mjs"), Path.Combine(place["cache"], shard.File), place.Backbone.LastHiddenState);
        var root = json.RootElement;
        var ids = root.GetProperty("ids").EnumerateArray().Select(e => e.GetString()!).ToArray();
        Assert.That(ids, Has.Length.EqualTo(shard.Examples).And.SubsetOf(mails.Select(m => m.Id)));
        Assert.That(root.GetProperty("offsets").EnumerateArray().Last().GetInt64(), Is.EqualTo(root.GetProperty("rows").GetInt64()));
        Assert.That(root.GetProperty("width").GetInt32(), Is.EqualTo(32));
        Assert.That(root.GetProperty("metadata").GetProperty("format").GetString(), Is.EqualTo("ortpeft-features-2"));
        var values = root.GetProperty("first").EnumerateArray().Select(e => (float)e.GetDouble()).ToArray();
        Assert.That(values, Is.EqualTo(place.Values("cache", mails.Where(m => m.Id == ids[0])).Single()));
    }

    [Test]
    public void Readers_go_on_while_a_job_adds()
    {
        using var place = new CachePlace();
        place.Run("cache", Tiny.Mails(30));
        using var cache = FeatureCache.OpenAsync(place["cache"]).GetAwaiter().GetResult();
        var truth = Tiny.Mails(30).Select(m => cache.Read(m)).ToArray();
        var adding = Task.Run(() => place.Run("cache", Tiny.Mails(200)));
        var readings = 0;
        do
        {
            Assert.That(Tiny.Mails(30).Select(m => cache.Read(m)), Is.EqualTo(truth));
            using var another = FeatureCache.Open(place["cache"]);
            Assert.That(another.Count, Is.AtLeast(30));
            readings++;
        }
        while (!adding.IsCompleted);
        Assert.That(cache.Contains(Tiny.Mails(200)[150]), Is.False);
        cache.Refresh();
        Assert.That(cache.Contains(Tiny.Mails(200)[150]));
        Assert.That(cache.Count, Is.EqualTo(adding.Result.Examples));
        Assert.That(Tiny.Mails(30).Select(m => cache.Read(m)), Is.EqualTo(truth));
        Assert.That(readings, Is.Positive);
    }

    [Test]
    public void Float32_rows_are_read_in_place()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(10);
        place.Run("cache", mails);
        using var cache = FeatureCache.Open(place["cache"]);
        foreach (var mail in mails)
            Assert.That(cache.View(FeatureKey.Of(mail)).ToArray(), Is.EqualTo(cache.Read(mail)));
    }

    /// <summary>The same examples in the same order, however the shards lie.</summary>
    [Test]
    public void Batches_read_ahead_are_those_of_the_plan_whatever_the_shards_are()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(50);
        place.Run("small", mails);
        place.Run("large", mails, CachePlace.Small with { TokensPerShard = 4096 });
        var read = new[] { "small", "large" }.Select(name =>
        {
            using var cache = FeatureCache.Open(place[name]);
            var set = new FeatureSet(cache, mails, Targets.Of(new int[50]), FeatureView.Tokens);
            var plan = BatchPlan.Epoch(set.Lengths, 4, seed: 7, epoch: 2);
            var batches = new List<(int[], float[])>();
            foreach (var batch in set.Batches(plan).Cast<FeatureBatch>())
            {
                using (batch)
                    batches.Add(([.. batch.Examples], batch.Features.ToArray()));
            }
            Assert.That(batches.Select(b => b.Item1), Is.EqualTo(plan));
            return batches;
        }).ToArray();
        Assert.That(read[0].Select(b => b.Item2), Is.EqualTo(read[1].Select(b => b.Item2)));
    }

    [Test]
    public void A_reader_may_stop_in_the_middle_and_learns_what_went_wrong()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(50);
        place.Run("cache", mails);
        using var cache = FeatureCache.Open(place["cache"]);
        var set = new FeatureSet(cache, mails, Targets.Of(new int[50]), FeatureView.Tokens);
        using (var first = set.Batches(Enumerable.Range(0, 50).Select(i => new[] { i })).First())
            Assert.That(first.Examples, Is.EqualTo(new[] { 0 }));
        Assert.That(() => set.Batches([[0], [99]]).Select(b =>
        {
            b.Dispose();
            return 1;
        }).Sum(), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    static JsonDocument Node(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, string.Create(CultureInfo.InvariantCulture, $"{errors.Result}"));
        return JsonDocument.Parse(output);
    }
}
