using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class RunFileTests : IDisposable
{
    readonly Workplace _place = Workplace.Trained();

    [Test]
    public void A_run_is_repeated_bit_for_bit_from_anywhere()
    {
        var elsewhere = Directory.CreateDirectory(_place["elsewhere"]).FullName;
        Ortpeft.Run(elsewhere, "train", "--config", "../adapter/run.json", "--out", "again").Done();
        Assert.That(_place.Sha256("elsewhere/again/adapter.safetensors"), Is.EqualTo(_place.Sha256("adapter/adapter.safetensors")));
        Assert.That(WithoutOut("elsewhere/again/run.json"), Is.EqualTo(WithoutOut("adapter/run.json")));
    }

    [Test]
    public void The_file_holds_every_option_that_decides_the_result()
    {
        var run = JsonNode.Parse(File.ReadAllText(_place["adapter/run.json"]))!.AsObject();
        Assert.That(run.Select(o => o.Key), Is.SupersetOf(new[]
        {
            "model", "method", "set", "train", "dev", "cache", "out", "max-length", "dtype", "epochs", "batch-size", "learning-rate", "schedule", "warmup", "optimizer",
            "weight-decay", "clip", "patience", "select-by", "seed", "provider", "threads",
        }));
        Assert.That((string?)run["provider"], Is.EqualTo("cpu"), "what was chosen, not what was asked for");
        Assert.That((int?)run["batch-size"], Is.EqualTo(32), "the method's default is written down");
    }

    [Test]
    public void Options_on_the_command_line_win()
    {
        var answer = _place.Run("train", "--config=adapter/run.json", "--epochs", "3", "--seed=7", "--out", "again", "--json").Done().Json;
        Assert.That(answer["epochs"]!.AsArray(), Has.Count.EqualTo(3));
        Assert.That((int?)answer["seed"], Is.EqualTo(7));
        Assert.That(_place.Sha256("again/adapter.safetensors"), Is.Not.EqualTo(_place.Sha256("adapter/adapter.safetensors")));
    }

    [Test]
    public void Method_options_are_changed_one_by_one()
    {
        _place.Run(Workplace.TrainWith("--method", "y-tuning", "--epochs", "1", "--set", "layers=2", "--set", "feedForward=16", "--out", "y")).Done();
        _place.Run("train", "--config", "y/run.json", "--set", "feedForward=8", "--out", "y8").Done();
        Assert.That(Settings("y8/run.json"), Does.Contain("layers=2").And.Contain("feedForward=8"));
        _place.Run("train", "--config", "y/run.json", "--method", "linear-probe", "--out", "probe").Done();
        Assert.That(Settings("probe/run.json"), Is.EqualTo(new[] { "pooling=mean", "layers=1" }), "another method has other options");
    }

    [Test]
    public void Other_verbs_take_files_too()
    {
        File.WriteAllText(_place["cache.json"], """{ "model": "tiny-bert", "data": "train.jsonl", "max-length": 32, "json": true }""");
        Assert.That((int?)_place.Run("cache", "--config", "cache.json").Done().Json["reused"], Is.EqualTo(Workplace.TrainMails));
    }

    [TestCase("""{ "epochs": 3, "magic": 1 }""", "'magic' is no option of train")]
    [TestCase("""{ "epochs": { "n": 3 } }""", "is neither text, number, true, false nor a list of these")]
    [TestCase("""{ "epochs": 3 """, "is damaged or of another version")]
    [TestCase("""[ 1 ]""", "is damaged or of another version")]
    public void A_wrong_file_is_refused(string content, string answer)
    {
        File.WriteAllText(_place["run.json"], content);
        _place.Run("train", "--config", "run.json").Refused("run.json", answer);
    }

    [Test]
    public void A_missing_file_is_named() => _place.Run("train", "--config", "nowhere.json").Refused("'nowhere.json' does not exist");

    string[] Settings(string file) => [.. JsonNode.Parse(File.ReadAllText(_place[file]))!["set"]!.AsArray().Select(s => (string)s!)];

    string WithoutOut(string file)
    {
        var run = JsonNode.Parse(File.ReadAllText(_place[file]))!.AsObject();
        run.Remove("out");
        return run.ToJsonString();
    }

    public void Dispose() => _place.Dispose();
}
