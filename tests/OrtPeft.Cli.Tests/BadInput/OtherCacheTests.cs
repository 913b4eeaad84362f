using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>A cache that does not fit, or no longer: what differs is said, what is needed is computed, nothing is lost.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class OtherCacheTests : IDisposable
{
    readonly Workplace _place = Workplace.Trained();

    [Test]
    public void Of_another_max_length() => MakesAnotherBeside("max length is 32 there, 20 is wanted", "--max-length", "20");

    [Test]
    public void Of_another_backbone()
    {
        TemporaryFolder.FlipBit(_place["tiny-bert/model.onnx"], 100_000, bit: 0);
        MakesAnotherBeside("(backbone is ");
    }

    [Test]
    public void Of_another_tokenizer()
    {
        _place.Append("tiny-bert/tokenizer.json", "");
        MakesAnotherBeside("(tokenizer is ");
    }

    [Test]
    public void Of_other_data()
    {
        var shard = _place.Sha256("features/shard-00000.safetensors");
        _place.Append("train.jsonl", "{\"text\": \"free free free\", \"label\": \"spam\"}");
        var answer = _place.Run([.. Workplace.Cache, "--json"]).Done();
        Assert.That(answer.Errors, Does.Contain("The data differ from what the cache was made for: 1 of 91 examples are not in this cache; they are computed and added."));
        Assert.That(((int?)answer.Json["computed"], (int?)answer.Json["reused"]), Is.EqualTo((1, 90)));
        Assert.That(_place.Sha256("features/shard-00000.safetensors"), Is.EqualTo(shard));
    }

    [TestCase(40, 2)]
    [TestCase(9000, 7)]
    public void With_a_flipped_bit(long position, int bit)
    {
        var before = _place.Sha256("features/shard-00000.safetensors");
        TemporaryFolder.FlipBit(_place["features/shard-00000.safetensors"], position, bit);
        var answer = _place.Run([.. Workplace.TrainWith("--out", "again"), "--json"]).Done();
        Assert.That(answer.Errors, Does.Match(@"shard-00000\.safetensors is damaged or missing \(its checksum is [0-9a-f]{8}, expected [0-9a-f]{8}\); what is needed of its 120 examples"));
        Assert.That((bool?)answer.Json["cacheReused"], Is.False);
        Assert.That(_place.Sha256("features/shard-00000.safetensors"), Is.EqualTo(before));
        Assert.That(_place.Sha256("again/adapter.safetensors"), Is.EqualTo(_place.Sha256("adapter/adapter.safetensors")));
    }

    [Test]
    public void With_a_broken_manifest()
    {
        using (var file = File.OpenWrite(_place["features/cache.json"]))
            file.SetLength(300);
        var before = _place.Hashes("features");
        _place.Run(Workplace.Cache).Refused("features/cache.json' is damaged", "Delete it, or choose another folder");
        Assert.That(_place.Hashes("features"), Is.EqualTo(before));
        File.Delete(_place["features/cache.json"]);
        _place.Run(Workplace.Cache).Done();
    }

    [Test]
    public void That_somebody_else_is_filling()
    {
        _place.Append("train.jsonl", "{\"text\": \"free free free\", \"label\": \"spam\"}");
        using (new FileStream(_place["features/cache.lock"], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            _place.Run(Workplace.Cache).Refused("another process is adding to", "Wait for it or choose another folder");
            _place.Run("cache", "--model", "tiny-bert", "--data", "dev.jsonl", "--max-length", "32").Done();
        }
    }

    void MakesAnotherBeside(string difference, params string[] options)
    {
        var before = _place.Hashes("features");
        var command = options.Length == 0 ? Workplace.Cache : [.. Workplace.Cache[..^2], .. options];
        var answer = _place.Run([.. command, "--json"]).Done();
        Assert.That(answer.Errors, Does.Contain(difference).And.Contain("does not fit").And.Contain("computing a new one in"));
        Assert.That((int?)answer.Json["computed"], Is.EqualTo(Workplace.TrainMails));
        Assert.That(_place.Hashes("features"), Is.EqualTo(before), "the other cache is as it was");

        var again = _place.Run([.. command, "--json"]).Done().Json;
        Assert.That((int?)again["reused"], Is.EqualTo(Workplace.TrainMails), "the new one is found again");
        Assert.That(again["notices"]!.AsArray().Select(n => (string?)n), Has.Some.Contains("using "));
    }

    public void Dispose() => _place.Dispose();
}
