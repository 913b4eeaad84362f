namespace OrtPeft.Tests;

/// <summary>Every field, changed alone, is another cache with the right explanation.</summary>
sealed class FeatureFingerprintTests
{
    static readonly FeatureFingerprint Base = FeatureFingerprint.Of(Tiny.Backbone(), CachePlace.Small, new ExecutionOptions());

    static IEnumerable<TestCaseData> Changes()
    {
        (string Field, FeatureFingerprint Changed)[] changes =
        [
            ("backbone", Base with { Backbone = new string('0', 64) }), ("tokenizer", Base with { Tokenizer = new string('0', 64) }), ("site", Base with { Site = "layer.1" }),
            ("graph cut", Base with { Tensors = [new SiteTensor("other", 32, true)] }), ("tokens", Base with { Tokens = "mean" }), ("dtype", Base with { DType = "I8" }),
            ("max length", Base with { MaxLength = 17 }), ("truncation", Base with { Truncation = "left" }), ("ONNX Runtime version", Base with { OnnxRuntime = "1.0.0" }),
            ("provider", Base with { Provider = "cuda" }), ("precision", Base with { Precision = "tf32" }), ("tokens per run", Base with { TokensPerRun = 31 }),
            ("tokens per shard", Base with { TokensPerShard = 65 }),
        ];
        return changes.Select(c => new TestCaseData(c.Field, c.Changed).SetArgDisplayNames(c.Field));
    }

    [Test]
    public void Every_field_has_a_case() =>
        Assert.That(Changes().Select(c => c.Arguments[0]).ToArray(), Is.EqualTo(Base.Fields().Select(f => f.Name)).And.Length.EqualTo(typeof(FeatureFingerprint).GetProperties().Length));

    [TestCaseSource(nameof(Changes))]
    public void A_changed_field_is_another_cache_and_is_named(string field, object changed)
    {
        var other = (FeatureFingerprint)changed;
        Assert.That(other.Hash, Is.Not.EqualTo(Base.Hash));
        var difference = Base.DifferencesTo(other).Single();
        var value = Base.Fields().Single(f => f.Name == field).Value;
        Assert.That((difference.Field, difference.Here), Is.EqualTo((field, value)));
        Assert.That(difference.There, Is.Not.EqualTo(value).And.EqualTo(other.Fields().Single(f => f.Name == field).Value));

        using var folder = new TemporaryFolder();
        FeatureManifest.Empty(other).Save(Directory.CreateDirectory(folder["cache"]).FullName);
        var notices = new List<string>();
        Assert.That(FeatureFolder.Choose(folder["cache"], Base, notices), Is.Not.EqualTo(folder["cache"]));
        Assert.That(notices.Single(), Does.Contain($"({field} is "));
    }

    [Test]
    public void The_same_is_the_same() => Assert.That(FeatureFingerprint.Of(Tiny.Backbone(), CachePlace.Small, new ExecutionOptions { Threads = 5 }).Hash, Is.EqualTo(Base.Hash));
}
