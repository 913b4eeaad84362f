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
        Assert.That(answer.Errors, Does.Match(@"^Caching features: 100 %, 90 of 90 examples, [\d.,]+ tokens/s, 0:00 left\n$"));
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

    [Test]
    public void Explain_names_the_first_thing_that_differs_and_computes_nothing()
    {
        Assert.That(_place.Run([.. Workplace.Cache, "--explain"]).Done().Output, Does.Contain("holds no feature cache"));
        _place.Run(Workplace.Cache).Done();
        Assert.That((bool?)_place.Run([.. Workplace.Cache, "--explain", "--json"]).Done().Json["fits"], Is.True);
        var other = _place.Run([.. Workplace.Cache, "--at", "layer.1", "--dtype", "int8", "--explain", "--json"]).Done().Json["difference"]!;
        Assert.That(((string?)other["field"], (string?)other["cached"], (string?)other["wanted"]), Is.EqualTo(("site", "last-hidden-state", "layer.1")));
        Assert.That(Directory.EnumerateDirectories(_place.Folder, "features*").Count(), Is.EqualTo(1));
    }

    [Test]
    public void Verify_holds_for_what_is_right_and_ends_with_3_for_what_is_not()
    {
        _place.Run(Workplace.Cache).Done();
        string[] verify = ["cache", "verify", .. Workplace.Cache[1..]];
        Assert.That(_place.Run(verify).Done().Output, Does.Match(@"1 shards have 0 faults; 9\d texts computed anew differ by at most [\d.E-]+ of their largest value"));
        TemporaryFolder.FlipBit(_place["features/shard-00000.safetensors"], 5000);
        var damaged = _place.Run(verify);
        Assert.That(damaged.ExitCode, Is.EqualTo(CommandLine.CheckFailed), damaged.ToString());
        Assert.That(damaged.Errors, Does.Contain("the cache is damaged. Run the caching job again"));
    }

    [Test]
    public void Parts_are_merged_by_the_last_and_info_says_what_there_is()
    {
        Assert.That(_place.Run([.. Workplace.Cache, "--part", "1/2"]).Done().Output, Does.Contain("0 computed").Or.Contain("90 computed"));
        _place.Run([.. Workplace.Cache, "--part", "2/2"]).Done();
        Assert.That((int?)_place.Run("cache", "merge", "features", "--json").Done().Json["parts"], Is.Zero, "the last part did it");
        var info = _place.Run("cache", "info", "features").Done().Output;
        Assert.That(info, Does.Contain("features: 90 texts").And.Contain("train.jsonl (90 examples)").And.Match(@"up to 16 #+ "));
        Assert.That((int?)_place.Run([.. Workplace.Cache, "--json"]).Done().Json["computed"], Is.Zero);
        _place.Run([.. Workplace.Cache, "--part", "3/2"]).Refused("--part is '3/2'; expected I/N");
    }

    [Test]
    public void Prune_takes_what_nobody_used()
    {
        _place.Run(Workplace.Cache).Done();
        Assert.That(_place.Run("cache", "prune", "features", "--unused-for", "30d").Done().Output, Does.StartWith("0 caches"));
        Assert.That(_place.Run("cache", "prune", "features", "--unused-for", "0d").Done().Output, Does.Contain("removed "));
        Assert.That(Directory.Exists(_place["features"]), Is.False);
        _place.Run("cache", "prune", "features", "--unused-for", "soon").Refused("soon");
    }

    [Test]
    public void A_quantized_model_has_a_report_and_a_cache_of_its_own()
    {
        var json = _place.Run("quantize", "tiny-bert", "--out", "tiny-int8", "--data", "train.jsonl", "--texts", "40", "--max-length", "32", "--json").Done().Json;
        Assert.That((int?)json["matMuls"], Is.EqualTo(18));
        Assert.That((double?)json["report"]!["cosineMean"], Is.InRange(0.99, 1));
        Assert.That(File.Exists(_place["tiny-int8/quantization.json"]));
        _place.Run(Workplace.Cache).Done();
        Assert.That(_place.Run("cache", "--model", "tiny-int8", "--data", "train.jsonl", "--max-length", "32").Done().Errors, Does.Contain("(backbone is "));
        _place.Run("quantize", "tiny-bert", "--out", "tiny-int8").Refused("not an empty folder");
    }

    public void Dispose() => _place.Dispose();
}
