namespace OrtPeft.Tests;

/// <summary>Several processes fill one folder without talking to each other; what they leave does not tell how many they were.</summary>
sealed class FeaturePartTests
{
    static readonly TextData Mails = Tiny.Mails(100);

    [Test]
    public void Any_number_of_parts_in_any_order_gives_the_same_bytes([Values(2, 3, 8)] int count)
    {
        using var place = new CachePlace();
        place.Run("one", Mails);
        var order = Enumerable.Range(1, count).ToArray();
        new CounterRandom(count, "order").Shuffle(order.AsSpan());
        var computed = 0;
        foreach (var number in order)
        {
            var result = place.Run("parts", Mails, part: new FeaturePart(number, count));
            Assert.That(result.Examples, Is.EqualTo(100));
            computed += result.Computed;
        }
        Assert.That(computed, Is.EqualTo(100), "every text once, by one part");
        Assert.That(place.Shards("parts"), Is.EquivalentTo(place.Shards("one")));
        Assert.That(File.ReadAllText(place["parts/cache.json"]), Is.EqualTo(File.ReadAllText(place["one/cache.json"])), "the last part completes the manifest");
        Assert.That(Directory.GetFiles(place["parts"], "cache-part-*"), Is.Empty);
        Assert.That(place.Run("parts", Mails).Computed, Is.Zero);
    }

    [Test]
    public void At_the_same_time_too()
    {
        using var place = new CachePlace();
        place.Run("one", Mails);
        Parallel.For(1, 5, number => place.Run("parts", Mails, part: new FeaturePart(number, 4), threads: 1));
        FeatureMerge.Run(place["parts"]);
        Assert.That(place.Shards("parts"), Is.EquivalentTo(place.Shards("one")));
        Assert.That(FeatureManifest.TryLoad(place["parts"])!.IsComplete);
    }

    [Test]
    public void A_part_that_was_stopped_is_repeated_and_a_part_that_is_missing_is_missed()
    {
        using var place = new CachePlace();
        place.Run("one", Mails);
        using var stop = new CancellationTokenSource();
        Assert.That(() => place.Run("parts", Mails, part: new FeaturePart(2, 3), cancellationToken: stop.Token, progress: new Reports<FeatureProgress>(p =>
        {
            if (p.Tokens > 100)
                stop.Cancel();
        })), Throws.InstanceOf<OperationCanceledException>());
        place.Run("parts", Mails, part: new FeaturePart(3, 3));
        var merged = FeatureMerge.Run(place["parts"]);
        Assert.That((merged.IsComplete, merged.Shards), Is.EqualTo((false, Directory.GetFiles(place["parts"], "shard-*").Length)));
        foreach (var number in new[] { 1, 2, 3 })
            place.Run("parts", Mails, part: new FeaturePart(number, 3));
        Assert.That(place.Shards("parts"), Is.EquivalentTo(place.Shards("one")));
        Assert.That(FeatureMerge.Run(place["parts"]), Is.EqualTo(new FeatureMergeResult(0, place.Shards("one").Count, place.Shards("one").Count)));
    }

    [Test]
    public void Data_that_grew_are_added_by_parts_as_well()
    {
        using var place = new CachePlace();
        foreach (var folder in new[] { "one", "parts" })
            place.Run(folder, Tiny.Mails(60));
        place.Run("one", Mails);
        foreach (var number in new[] { 2, 1 })
            place.Run("parts", Mails, part: new FeaturePart(number, 2));
        Assert.That(place.Shards("parts"), Is.EquivalentTo(place.Shards("one")));
    }

    [Test]
    public void Parts_of_different_data_do_not_mix()
    {
        using var place = new CachePlace();
        place.Run("parts", Mails, part: new FeaturePart(1, 2));
        var file = Directory.GetFiles(place["parts"], "cache-part-1*.json").Single();
        var other = FeatureManifest.TryLoadFile(place["parts"], Path.GetFileName(file))!;
        (other with { Windows = [other.Windows[0] with { Data = new string('0', 64) }] }).Save(place["parts"], "cache-part-2-of-2.json");
        Assert.That(() => FeatureMerge.Run(place["parts"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("parts of different data sets"));
    }

    [TestCase("0/3")]
    [TestCase("4/3")]
    [TestCase("1")]
    [TestCase("-1/3")]
    [TestCase("a/b")]
    public void What_is_no_part_is_refused(string text) => Assert.That(() => FeaturePart.Parse(text), Throws.TypeOf<OrtPeftException>().With.Message.Contains("expected I/N"));
}
