namespace OrtPeft.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class BadModelTests : IDisposable
{
    readonly Workplace _place = new();

    [Test]
    public void Missing_folder() => _place.Run("inspect", "nowhere").Refused("Model 'nowhere' does not exist. Expected a model folder");

    [Test]
    public void Missing_model()
    {
        File.Delete(_place["tiny-bert/model.onnx"]);
        _place.Run(Workplace.Cache).Refused("Model folder 'tiny-bert' has no model: expected model.onnx or");
    }

    [Test]
    public void Missing_tokenizer()
    {
        File.Delete(_place["tiny-bert/tokenizer.json"]);
        _place.Run(Workplace.Cache).Refused("Model 'tiny-bert' has no tokenizer", "--tokenizer FILE");
        _place.Run(Workplace.Train).Refused("Model 'tiny-bert' has no tokenizer", "--tokenizer FILE");
        Assert.That(Directory.Exists(_place["features"]) || Directory.Exists(_place["adapter"]), Is.False);
    }

    [TestCase(0)]
    [TestCase(1000)]
    [TestCase(150_000)]
    public void Truncated_model(int length)
    {
        using (var file = File.OpenWrite(_place["tiny-bert/model.onnx"]))
            file.SetLength(length);
        _place.Run(Workplace.Cache).Refused("model.onnx");
        Assert.That(Directory.Exists(_place["features"]), Is.False);
    }

    [Test]
    public void Truncated_tokenizer()
    {
        using (var file = File.OpenWrite(_place["tiny-bert/tokenizer.json"]))
            file.SetLength(1000);
        _place.Run(Workplace.Cache).Refused("tokenizer.json");
    }

    [Test]
    public void Broken_configuration()
    {
        File.WriteAllText(_place["tiny-bert/config.json"], "{ \"model_type\": \"bert\", ");
        _place.Run(Workplace.Cache).Refused("config.json", "is damaged", "line 1");
    }

    [Test]
    public void Another_file_than_the_manifest_names()
    {
        File.WriteAllText(_place["tiny-bert/manifest.json"], "{ \"files\": { \"model.onnx\": \"" + _place.Sha256("tiny-bert/model.onnx") + "\" } }");
        _place.Run("inspect", "tiny-bert").Done();
        TemporaryFolder.FlipBit(_place["tiny-bert/model.onnx"], 100_000);
        _place.Run("inspect", "tiny-bert").Refused("model.onnx' is not the file that manifest.json names: its SHA-256 is", "Restore the file");
    }

    [Test]
    public void A_configuration_that_promises_more_tokens_than_the_model_takes()
    {
        var config = _place["tiny-bert/config.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"max_position_embeddings\": 32", "\"max_position_embeddings\": 64", StringComparison.Ordinal));
        File.WriteAllText(_place["train.jsonl"], $"{{\"text\": \"{string.Join(' ', Enumerable.Repeat("free", 60))}\", \"label\": \"spam\"}}\n");
        _place.Run("cache", "--model", "tiny-bert", "--data", "train.jsonl", "--max-length", "64")
            .Refused("cannot run", "on texts of 62 tokens", "Lower --max-length if config.json promises more tokens than the model takes.");
        Assert.That(Directory.EnumerateFiles(_place["features"], "*shard*"), Is.Empty);
    }

    [Test]
    public void A_file_that_is_no_model() => _place.Run("inspect", "train.jsonl").Refused("train.jsonl' is no ONNX model");

    public void Dispose() => _place.Dispose();
}
