namespace OrtPeft.Tests;

/// <summary>The caching job: right values, computed once, whatever happens in between.</summary>
sealed class FeatureJobTests
{
    static readonly FeatureOptions Small = new() { MaxLength = 16, TokensPerShard = 64, TokensPerRun = 32, DType = FeatureDType.Fp32 };

    readonly Backbone _backbone = Tiny.Backbone();

    FeatureJobResult Run(string folder, IReadOnlyList<Example> examples, FeatureOptions? options = null, IProgress<FeatureProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        FeatureJob.RunAsync(_backbone, examples, folder, options ?? Small, new ExecutionOptions { Threads = 2 }, progress, cancellationToken).GetAwaiter().GetResult();

    static Dictionary<string, string> Shards(string folder) =>
        Directory.GetFiles(folder, "shard-*").ToDictionary(f => Path.GetFileName(f)!, FileHash.OfFile);

    [TestCase(FeatureDType.Fp32, 0)]
    [TestCase(FeatureDType.Fp16, 2e-3)]
    [TestCase(FeatureDType.Bf16, 1.6e-2)]
    [TestCase(FeatureDType.Int8, 1.8e-2)]
    public void Cached_values_are_those_of_the_live_backbone(FeatureDType dtype, double tolerance)
    {
        using var folder = new TemporaryFolder();
        var mails = Tiny.Mails(40);
        var result = Run(folder["cache"], [.. mails], Small with { DType = dtype });
        using var cache = FeatureCache.Open(result.Folder);
        using var encoder = new FrozenEncoder(_backbone, new ExecutionOptions { Threads = 1 });
        foreach (var mail in mails)
        {
            var tokens = EncodedExample.Of(_backbone.RequireTokenizer(), mail, Small.MaxLength);
            var values = new float[tokens.Length * cache.Width];
            Assert.That(cache.Read(FeatureKey.Of(mail), values), Is.EqualTo(tokens.Length));
            encoder.Run([tokens], (hidden, length) => Assert.That(values, Is.EqualTo(hidden.ToArray()).Within(tolerance), mail.Id));
        }
    }

    [Test]
    public void A_second_run_computes_nothing_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        Run(folder["cache"], [.. Tiny.Mails(50)]);
        var before = Shards(folder["cache"]);
        var again = Run(folder["cache"], [.. Tiny.Mails(50)]);
        Assert.That((again.Computed, again.Reused, again.Tokens), Is.EqualTo((0, 50, 0L)));
        Assert.That(Shards(folder["cache"]), Is.EquivalentTo(before));
    }

    [Test]
    public void Data_that_grew_cost_only_what_is_new()
    {
        using var folder = new TemporaryFolder();
        Run(folder["cache"], [.. Tiny.Mails(50)]);
        var before = Shards(folder["cache"]);
        var grown = Run(folder["cache"], [.. Tiny.Mails(53)]);
        Assert.That((grown.Computed, grown.Reused), Is.EqualTo((3, 50)));
        Assert.That(before, Is.SubsetOf(Shards(folder["cache"])));
        Assert.That(grown.Notices, Has.Some.Contains("3 of 53 examples are not in this cache"));
    }

    [Test]
    public void The_same_text_twice_is_computed_once_and_a_changed_text_again()
    {
        using var folder = new TemporaryFolder();
        Example[] examples = [new() { Id = "1", Text = "free prize" }, new() { Id = "2", Text = "free prize" }, new() { Id = "3", Text = "" }];
        Assert.That(Run(folder["cache"], examples).Computed, Is.EqualTo(2));
        Assert.That(Run(folder["cache"], [examples[0] with { Text = "free money" }]).Computed, Is.EqualTo(1));
        Assert.That(Run(folder["cache"], [examples[0] with { TextPair = "money" }]).Computed, Is.EqualTo(1), "a pair is another text");
    }

    [Test]
    public void A_job_stopped_anywhere_ends_with_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var mails = Tiny.Mails(80);
        Run(folder["undisturbed"], [.. mails]);
        var expected = Shards(folder["undisturbed"]);
        for (var stopAfter = 1; stopAfter < 80; stopAfter += 13)
        {
            var name = folder[$"stopped-{stopAfter}"];
            using var stop = new CancellationTokenSource();
            var progress = new Reports<FeatureProgress>(p =>
            {
                if (p.Examples >= stopAfter)
                    stop.Cancel();
            });
            Assert.That(() => Run(name, [.. mails], progress: progress, cancellationToken: stop.Token), Throws.InstanceOf<OperationCanceledException>());
            var kept = Directory.GetFiles(name, "shard-*").Length;
            var result = Run(name, [.. mails]);
            Assert.That(result.Computed + result.Reused, Is.EqualTo(80));
            Assert.That(result.Reused > 0, Is.EqualTo(kept > 0));
            Assert.That(Shards(name), Is.EquivalentTo(expected), $"stopped after {stopAfter}");
        }
    }

    [Test]
    public void A_damaged_shard_is_found_and_computed_again()
    {
        using var folder = new TemporaryFolder();
        Run(folder["cache"], [.. Tiny.Mails(60)]);
        var before = Shards(folder["cache"]);
        var victims = before.Keys.Order().ToArray();
        TemporaryFolder.FlipBit(Path.Combine(folder["cache"], victims[0]), 2000);
        File.WriteAllBytes(Path.Combine(folder["cache"], victims[1]), File.ReadAllBytes(Path.Combine(folder["cache"], victims[1]))[..500]);
        File.Delete(Path.Combine(folder["cache"], victims[2]));

        var result = Run(folder["cache"], [.. Tiny.Mails(60)]);
        Assert.That(result.Notices.Count(n => n.Contains("damaged or missing", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(result.Computed, Is.GreaterThan(0).And.LessThan(60));
        Assert.That(Shards(folder["cache"]), Is.EquivalentTo(before));
    }

    [Test]
    public void Another_fingerprint_is_another_cache_and_the_difference_is_named()
    {
        using var folder = new TemporaryFolder();
        Run(folder["cache"], [.. Tiny.Mails(20)]);
        var before = Shards(folder["cache"]);
        (FeatureOptions Options, string Field)[] cases =
        [
            (Small with { MaxLength = 8 }, "max length is 16 there, 8 is wanted"), (Small with { DType = FeatureDType.Fp16 }, "dtype is F32 there, F16 is wanted"),
            (Small with { TokensPerRun = 64 }, "tokens per run"), (Small with { TokensPerShard = 128 }, "tokens per shard"),
        ];
        foreach (var (options, field) in cases)
        {
            var other = Run(folder["cache"], [.. Tiny.Mails(20)], options);
            Assert.That(other.Folder, Is.Not.EqualTo(folder["cache"]));
            Assert.That(other.Computed, Is.EqualTo(20));
            Assert.That(other.Notices, Has.Some.Contains(field));
            Assert.That(Run(folder["cache"], [.. Tiny.Mails(20)], options).Computed, Is.Zero, "the one beside it is found again");
        }
        Assert.That(Shards(folder["cache"]), Is.EquivalentTo(before));
    }

    [Test]
    public void Another_backbone_or_tokenizer_is_another_cache()
    {
        using var folder = new TemporaryFolder();
        Run(folder["cache"], [.. Tiny.Mails(5)]);
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in Directory.GetFiles(Tiny.ModelFolder))
            File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        File.AppendAllText(Path.Combine(folder["model"], "tokenizer.json"), "\n");
        var other = FeatureJob.RunAsync(Backbone.Load(folder["model"]), [.. Tiny.Mails(5)], folder["cache"], Small).GetAwaiter().GetResult();
        Assert.That(other.Notices, Has.Some.Contains("tokenizer is"));
        Assert.That(other.Folder, Is.Not.EqualTo(folder["cache"]));
    }

    [Test]
    public void Two_writers_do_not_meet_but_a_complete_cache_has_many_readers()
    {
        using var folder = new TemporaryFolder();
        Run(folder["cache"], [.. Tiny.Mails(10)]);
        using (FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, [], out _))
        {
            Assert.That(Run(folder["cache"], [.. Tiny.Mails(10)]).Computed, Is.Zero);
            Assert.That(() => Run(folder["cache"], [.. Tiny.Mails(11)]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("another process"));
        }
        Assert.That(Run(folder["cache"], [.. Tiny.Mails(11)]).Computed, Is.EqualTo(1));
    }

    [Test]
    public void Impossible_lengths_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Run(folder["cache"], [.. Tiny.Mails(5)], Small with { MaxLength = 4096 }),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("takes 3 to"));
        Assert.That(Directory.Exists(folder["cache"]), Is.False);
    }
}
