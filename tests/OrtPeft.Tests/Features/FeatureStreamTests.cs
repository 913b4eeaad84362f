namespace OrtPeft.Tests;

/// <summary>Examples that are never all in memory, windows of them, and what the job does when things get tight.</summary>
sealed class FeatureStreamTests
{
    [Test]
    public void A_stream_gives_the_same_bytes_as_a_list()
    {
        using var place = new CachePlace();
        place.Run("list", Tiny.Mails(90));
        var job = new FeatureJob { Backbone = place.Backbone, Source = Stream(90), Folder = place["stream"], Options = CachePlace.Small };
        var reports = new List<FeatureProgress>();
        var result = job.RunAsync(new Reports<FeatureProgress>(p =>
        {
            lock (reports)
                reports.Add(p);
        })).GetAwaiter().GetResult();
        Assert.That((result.Examples, result.Computed, result.Estimate), Is.EqualTo((90, 90, (FeatureEstimate?)null)));
        Assert.That(reports, Is.All.Matches<FeatureProgress>(p => p.TotalExamples == 0), "nobody knows how many come");
        Assert.That(place.Shards("stream"), Is.EquivalentTo(place.Shards("list")));
    }

    [Test]
    public void A_file_is_read_twice_and_gives_the_same_bytes_as_a_list()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(90);
        place.Run("list", mails);
        var lines = mails.Select(m => System.Text.Json.JsonSerializer.Serialize(new { id = m.Id, text = m.Text })).ToList();
        var result = RunFile(place, lines);
        Assert.That((result.Computed, result.Estimate!.Examples, result.Index), Is.EqualTo((90, 90, new FeatureIndexChanges(90, 0, 0))));
        Assert.That(place.Shards("file"), Is.EquivalentTo(place.Shards("list")));
        lines.Add(lines[7]);
        Assert.That(() => RunFile(place, lines), Throws.TypeOf<OrtPeftException>().With.Message.Contains("line 91").And.Message.Contains("was already used in line 8. Ids must be unique."));
        Assert.That(() => FeatureJob.ForFile(place.Backbone, place["none.jsonl"], place["file"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("none.jsonl"));

        static FeatureJobResult RunFile(CachePlace place, List<string> lines)
        {
            File.WriteAllLines(place["mails.jsonl"], lines);
            return (FeatureJob.ForFile(place.Backbone, place["mails.jsonl"], place["file"]) with { Options = CachePlace.Small }).RunAsync().GetAwaiter().GetResult();
        }
    }

    [Test]
    public void A_sample_is_spread_evenly()
    {
        var sample = new EvenSample(4);
        for (var i = 0; i < 21; i++)
            sample.Add(new Example { Id = $"{i}", Text = "" });
        Assert.That(sample.Kept.Select(e => e.Id), Is.EqualTo(new[] { "0", "4", "8", "12", "16", "20" }));
    }

    [Test]
    public void A_stream_that_breaks_leaves_what_was_done_and_says_why()
    {
        using var place = new CachePlace();
        var job = new FeatureJob { Backbone = place.Backbone, Source = Stream(40, breaksAt: 30), Folder = place["cache"], Options = CachePlace.Small };
        Assert.That(() => job.RunAsync().GetAwaiter().GetResult(), Throws.TypeOf<IOException>().With.Message.EqualTo("the line is dead"));
        Assert.That(Directory.GetFiles(place["cache"], ".*.tmp"), Is.Empty);
    }

    [Test]
    public void Windows_end_by_count_or_by_characters()
    {
        Assert.That(Sizes(Enumerable.Repeat(10, 5_000), 128), Is.EqualTo(new[] { 2_048, 2_048, 904 }));
        Assert.That(Sizes(Enumerable.Repeat(100_000, 2_500), 128), Is.EqualTo(new[] { 1024, 1024, 452 }), "what is cut off does not count");

        static int[] Sizes(IEnumerable<int> lengths, int maxLength)
        {
            var text = new Dictionary<int, string>();
            var examples = lengths.Select((l, i) => new Example { Id = $"{i}", Text = text.TryGetValue(l, out var t) ? t : text[l] = new string('x', l) });
            return FeatureWindow.Split(examples.ToAsyncEnumerable(), maxLength, default).Select(w => w.Examples.Count).ToArrayAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    [Test]
    public void The_index_says_what_changed()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(20).ToList();
        Assert.That(place.Run("cache", Named(mails)).Index, Is.EqualTo(new FeatureIndexChanges(20, 0, 0)));
        Assert.That(place.Run("cache", Named(mails)).Index, Is.EqualTo(new FeatureIndexChanges(0, 0, 0)));
        mails[3] = mails[3] with { Text = "free free free" };
        mails.RemoveRange(5, 2);
        mails.Add(new Example { Id = "new", Text = "offer" });
        var result = place.Run("cache", Named(mails));
        Assert.That(result.Index, Is.EqualTo(new FeatureIndexChanges(1, 1, 2)));
        Assert.That(result.Computed, Is.EqualTo(2), "the changed text under its old id, and the new one");
        var index = FeatureIndex.TryLoad(place["cache"], "mails")!;
        Assert.That(index.Count, Is.EqualTo(mails.Count));
        Assert.That(mails.Select(m => index[m.Id]), Is.EqualTo(mails.Select(m => (FeatureKey?)FeatureKey.Of(m))));
        Assert.That(place.Run("cache", Tiny.Mails(5)).Index, Is.Null, "these have no name");

        static TextData Named(List<Example> mails) => TextData.FromExamples(mails, "mails");
    }

    [Test]
    public void Costs_are_told_before_the_work()
    {
        using var place = new CachePlace();
        FeatureEstimate? told = null;
        var before = true;
        var result = place.Run("cache", Tiny.Mails(400), progress: new Reports<FeatureProgress>(p =>
        {
            if (p.Estimate != null)
                (told, before) = (p.Estimate, before && p.Tokens == 0);
        }));
        Assert.That(before);
        Assert.That(told, Is.EqualTo(result.Estimate));
        Assert.That(told!.Examples, Is.EqualTo(result.Computed));
        Assert.That(told.Tokens, Is.EqualTo(result.Tokens).Within(10).Percent);
        Assert.That(told.Bytes, Is.EqualTo(result.Tokens * 32 * sizeof(float)).Within(10).Percent);
        Assert.That(place.Run("cache", Tiny.Mails(400)).Estimate!.Tokens, Is.Zero);
    }

    [Test]
    public void How_the_backbone_is_called_is_measured_remembered_and_changes_no_bit()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(60);
        place.Run("plain", mails);
        var execution = new ExecutionOptions { Threads = 2 };
        var lines = FeatureCalibration.Measure(place.Backbone, mails, place["cache"], CachePlace.Small, execution, default).ToArray();
        Assert.That(lines, Has.Length.EqualTo(3), "2 x 1, 1 x 2, and which is taken");
        var known = FeatureCalibration.TryLoad(place["cache"])!;
        Assert.That(known.TokensPerSecond, Is.Positive);
        Json.Write(Path.Combine(place["cache"], FeatureCalibration.FileName), known with { Shape = new FeatureShape(1, 2) });
        Assert.That(FeatureCalibration.ShapeIn(place["cache"], execution), Is.EqualTo(new FeatureShape(1, 2)));
        Assert.That(FeatureCalibration.ShapeIn(place["cache"], new ExecutionOptions { Threads = 3 }), Is.EqualTo(new FeatureShape(3, 1)), "for other threads it was not measured");
        Assert.That(place.Run("cache", mails).Estimate!.Minutes, Is.Positive);
        Assert.That(place.Shards("cache"), Is.EquivalentTo(place.Shards("plain")));
    }

    [Test]
    public void A_batch_that_does_not_fit_is_halved()
    {
        var done = new List<(int, int)>();
        Halving.Run(3, 10, e => e is OutOfMemoryException, (start, count) =>
        {
            if (count > 3)
                throw new InsufficientMemoryException();
            done.Add((start, count));
        });
        Assert.That(done, Is.EqualTo(new[] { (3, 2), (5, 3), (8, 2), (10, 3) }));
        Assert.That(() => Halving.Run(0, 4, e => e is OutOfMemoryException, (_, _) => throw new InsufficientMemoryException()), Throws.TypeOf<InsufficientMemoryException>(), "one text alone does not fit");
        Assert.That(() => Halving.Run(0, 4, e => e is OutOfMemoryException, (_, _) => throw new IOException()), Throws.TypeOf<IOException>());
    }

    static async IAsyncEnumerable<Example> Stream(int count, int breaksAt = int.MaxValue)
    {
        foreach (var mail in Tiny.Mails(count))
        {
            await Task.Yield();
            if (mail.Id == $"mail-{breaksAt}")
                throw new IOException("the line is dead");
            yield return mail;
        }
    }
}
