namespace OrtPeft.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class BadAdapterTests : IDisposable
{
    readonly Workplace _place = Workplace.Trained();

    Answer Predict(params string[] options) => _place.Run(["predict", "adapter", "--text", "free", .. options]);

    [Test]
    public void Missing() => _place.Run("predict", "nowhere", "--text", "free").Refused("'nowhere' is not an adapter: it has no adapter.json");

    [Test]
    public void Of_another_backbone()
    {
        _place.CopyModel("other");
        TemporaryFolder.FlipBit(_place["other/model.onnx"], 100_000, bit: 0);
        Predict("--model", "other").Refused("Adapter 'adapter' belongs to another backbone: 'tiny-bert' with SHA-256", "but 'other' has", "Use that backbone, or train again.");
    }

    [Test]
    public void Of_another_tokenizer()
    {
        _place.Append("tiny-bert/tokenizer.json", "");
        Predict().Refused("was trained with another tokenizer", "Restore that tokenizer, or train again.");
    }

    [Test]
    public void With_a_flipped_bit()
    {
        TemporaryFolder.FlipBit(_place["adapter/adapter.safetensors"], new FileInfo(_place["adapter/adapter.safetensors"]).Length - 100);
        Predict().Refused("adapter.safetensors", "checksum", "expected", "Restore the file, or train again.");
    }

    [Test]
    public void With_tensors_missing()
    {
        File.Delete(_place["adapter/adapter.safetensors"]);
        Predict().Refused("adapter.safetensors' does not exist. Restore the file, or train again.");
    }

    [Test]
    public void With_files_of_two_runs()
    {
        _place.Run(Workplace.TrainWith("--seed", "1", "--out", "other")).Done();
        File.Copy(_place["other/adapter.safetensors"], _place["adapter/adapter.safetensors"], overwrite: true);
        Predict().Refused("adapter.json and adapter.safetensors in 'adapter' are of different runs");
    }

    [TestCase("\"maxLength\": 32", "\"maxLength\": 32000", "maxLength in adapter.json is 32000; the backbone takes 3 to 32 tokens")]
    [TestCase("\"format\": 1", "\"format\": 9", "has format 9; this version reads 1")]
    [TestCase("\"pooling\": \"mean\"", "\"pooling\": \"sum\"", "Option pooling of method 'linear-probe' is \"sum\"; expected mean or cls or max or attention or pooler or pooler-gelu or pooler-relu or pooler-norm or pooler-norm-mean.")]
    [TestCase("\"method\": \"linear-probe\"", "\"method\": \"magic\"", "Unknown method 'magic'")]
    [TestCase("\"ham\",", "\"ham\", \"eggs\",", "has no tensor 'classifier.weight' of shape [3, 32]")]
    [TestCase("\"tokenizer\"", "\"tok\"", "it lacks 'tokenizer'")]
    public void With_other_values(string written, string found, string answer)
    {
        var json = File.ReadAllText(_place["adapter/adapter.json"]);
        Assert.That(json, Does.Contain(written));
        File.WriteAllText(_place["adapter/adapter.json"], json.Replace(written, found, StringComparison.Ordinal));
        Predict().Refused(answer);
    }

    [Test]
    public void Broken_off_anywhere()
    {
        var json = File.ReadAllBytes(_place["adapter/adapter.json"]);
        File.WriteAllBytes(_place["adapter/adapter.json"], json[..(json.Length / 2)]);
        Predict().Refused("adapter.json' is damaged", "line ", "Restore the file, or train again.");
        for (var length = 0; length < json.Length; length++)
        {
            File.WriteAllBytes(_place["adapter/adapter.json"], json[..length]);
            Assert.That(() => Adapter.Load(_place["adapter"]), Throws.TypeOf<OrtPeftException>(), $"cut after {length} bytes");
        }
    }

    [Test]
    public void With_any_one_bit_flipped_gives_the_right_tensors_or_none()
    {
        var path = _place["adapter/adapter.safetensors"];
        var tensors = Adapter.Load(_place["adapter"]).Tensors;
        var refused = 0;
        var length = new FileInfo(path).Length;
        for (var position = 0; position < length; position++)
        {
            TemporaryFolder.FlipBit(path, position, position % 8);
            try
            {
                var damaged = Adapter.Load(_place["adapter"]).Tensors;
                Assert.That(damaged.SelectMany(t => t.Values), Is.EqualTo(tensors.SelectMany(t => t.Values)), $"byte {position}");
            }
            catch (OrtPeftException)
            {
                refused++;
            }
            TemporaryFolder.FlipBit(path, position, position % 8);
        }
        Assert.That(refused, Is.GreaterThan(length * 0.9), "only names that nobody reads may change unnoticed");
    }

    public void Dispose() => _place.Dispose();
}
