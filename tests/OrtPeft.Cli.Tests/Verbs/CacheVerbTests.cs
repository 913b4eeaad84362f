namespace OrtPeft.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class CacheVerbTests : IDisposable
{
    readonly Workplace _place = new();

    [Test]
    public void Json_says_what_was_computed_and_what_was_there()
    {
        var first = _place.Run([.. Workplace.Cache, "--json"]).Done().Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((int?)first["examples"], Is.EqualTo(Workplace.TrainMails));
            Assert.That((int?)first["computed"], Is.EqualTo(Workplace.TrainMails));
            Assert.That((int?)first["reused"], Is.Zero);
            Assert.That((long?)first["tokens"], Is.GreaterThan(5 * Workplace.TrainMails));
            Assert.That((long?)first["bytes"], Is.EqualTo(new FileInfo(_place["features/shard-00000.safetensors"]).Length));
            Assert.That((double?)first["examplesPerSecond"], Is.GreaterThan(1));
            Assert.That((double?)first["paddingPercent"], Is.InRange(0.1, 20));
            Assert.That((string?)first["fingerprint"], Does.Match("^[0-9a-f]{64}$"));
            Assert.That((string?)first["folder"], Is.EqualTo(Path.GetFullPath(_place["features"])));
        }

        var again = _place.Run([.. Workplace.Cache, "--json"]).Done().Json;
        Assert.That((int?)again["computed"], Is.Zero);
        Assert.That((int?)again["reused"], Is.EqualTo(Workplace.TrainMails));
        Assert.That((string?)again["fingerprint"], Is.EqualTo((string?)first["fingerprint"]));
    }

    [Test]
    public void Results_go_to_stdout_progress_goes_to_stderr_in_plain_lines()
    {
        var answer = _place.Run(Workplace.Cache).Done();
        Assert.That(answer.Output, Does.Contain("90 examples: 90 computed, 0 reused.").And.Contain("tokens in").And.Contain("fingerprint "));
        Assert.That(answer.Errors, Does.Match(@"^Caching features: 100 %, 90 of 90 texts, [\d.,]+ tokens/s, 0:00 left\n$"));
        Assert.That(answer.Output + answer.Errors, Does.Not.Contain("\e"));
    }

    [Test]
    public void Quiet_says_the_result_only()
    {
        var answer = _place.Run([.. Workplace.Cache, "--quiet"]).Done();
        Assert.That(answer.Errors, Is.Empty);
        Assert.That(answer.Output, Does.Contain("90 computed"));
    }

    [Test]
    public void Fp32_takes_twice_the_bytes_and_a_cache_of_its_own()
    {
        var half = _place.Run([.. Workplace.Cache, "--json"]).Done().Json;
        var single = _place.Run([.. Workplace.Cache, "--dtype", "fp32", "--json"]).Done();
        Assert.That(single.Errors, Does.Contain("dtype is F16 there, F32 is wanted"));
        Assert.That((string?)single.Json["folder"], Does.Match(@"features-[0-9a-f]{8}$"));
        Assert.That((long?)single.Json["bytes"] / (double)(long)half["bytes"]!, Is.InRange(1.8, 2.0));
    }

    [TestCase("mails.csv", "subject,kind\n\"free, \"\"prize\"\"\",spam\nmeeting,ham\n")]
    [TestCase("mails.tsv", "subject\tkind\nfree prize\tspam\nmeeting\tham\n")]
    public void Tables_are_read_as_well(string name, string content)
    {
        File.WriteAllText(_place[name], content);
        var json = _place.Run("cache", "--model", "tiny-bert", "--data", name, "--max-length", "32", "--text", "subject", "--label", "kind", "--json").Done().Json;
        Assert.That((int?)json["computed"], Is.EqualTo(2));
    }

    [Test]
    public void A_model_may_be_a_file_with_the_tokenizer_elsewhere()
    {
        var folder = _place.Run([.. Workplace.Cache, "--json"]).Done().Json;
        Directory.CreateDirectory(_place["parts"]);
        File.Move(Path.Combine(_place["tiny-bert"], "tokenizer.json"), _place["parts/words.json"]);
        var file = _place.Run("cache", "--model", "tiny-bert/model.onnx", "--tokenizer", "parts/words.json", "--data", "train.jsonl", "--max-length", "32", "--json").Done().Json;
        Assert.That((int?)file["reused"], Is.EqualTo(Workplace.TrainMails), "it is the same model and the same tokenizer");
        Assert.That((string?)file["fingerprint"], Is.EqualTo((string?)folder["fingerprint"]));
    }

    public void Dispose() => _place.Dispose();
}
