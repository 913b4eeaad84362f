namespace OrtPeft.Tests;

/// <summary>Ctrl-C and kill -9 while features are cached: what is done is kept, and the end is the same bytes.</summary>
[Platform(Exclude = "Win")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class CachingInterruptedTests : IDisposable
{
    readonly Workplace _place = new();

    public CachingInterruptedTests() => File.Copy(LongWork.Place["many.jsonl"], _place["many.jsonl"]);

    [Test]
    public void Killed_at_any_moment_it_goes_on_to_the_same_bytes([Range(0, 9)] int seed)
    {
        var random = new CounterRandom(seed, "kill caching");
        var shards = random.NextInt32(LongWork.Shards.Length);
        using (var run = Ortpeft.Start(_place.Folder, LongWork.Cache))
        {
            run.Until(() => ShardsThere() >= shards);
            Thread.Sleep(random.NextInt32(80)); // a moment that nothing in the program marks
            run.Kill();
            TestContext.Out.WriteLine($"killed with {ShardsThere()} shards written, exit code {run.End().ExitCode}");
        }
        var kept = ShardsThere();
        Assert.That(kept, Is.AtLeast(shards));
        FinishesWithTheSameBytes(atLeast: kept - 1); // the last shard may have come too late for cache.json
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Ctrl_C_ends_it_in_good_order(int shards)
    {
        using (var run = Ortpeft.Start(_place.Folder, LongWork.Cache))
        {
            run.Until(() => ShardsThere() >= shards);
            run.PressCtrlC();
            var answer = run.End();
            Assert.That(answer.ExitCode, Is.EqualTo(CommandLine.Interrupted), answer.ToString());
            Assert.That(answer.Errors, Does.EndWith("Interrupted. What was finished is kept: run the same command again to go on.\n"));
            Assert.That(answer.Output, Is.Empty);
        }
        Assert.That(Directory.EnumerateFiles(_place["features"], ".*"), Is.Empty, "no half a file");
        FinishesWithTheSameBytes(atLeast: shards);
    }

    /// <summary>-1 before the job has begun.</summary>
    int ShardsThere() => File.Exists(_place["features/cache.json"]) ? Directory.EnumerateFiles(_place["features"], "shard-*").Count() : -1;

    void FinishesWithTheSameBytes(int atLeast)
    {
        var answer = _place.Run([.. LongWork.Cache, "--json"]).Done();
        var (computed, reused) = ((int)answer.Json["computed"]!, (int)answer.Json["reused"]!);
        Assert.That(computed + reused, Is.EqualTo(LongWork.Mails));
        Assert.That(reused, atLeast > 0 ? Is.AtLeast(LongWork.Mails / LongWork.Shards.Length * atLeast / 2) : Is.AtLeast(0));
        if (reused > 0 && computed > 0)
            Assert.That(answer.Errors, Does.Contain($"Going on with an unfinished job: {reused} of {LongWork.Mails} examples were done."));
        Assert.That(_place.Hashes("features"), Is.EqualTo(LongWork.Place.Hashes("features")), "nothing missing, nothing else, every bit");
    }

    public void Dispose() => _place.Dispose();
}
