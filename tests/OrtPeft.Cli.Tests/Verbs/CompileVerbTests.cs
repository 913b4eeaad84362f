using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class CompileVerbTests
{
    static readonly string[] Cache = ["cache", "--model", "tiny-bert", "--data", "test.jsonl", "--max-length", "16"];

    [Test]
    public void What_was_compiled_is_used_and_a_foreign_one_is_not()
    {
        using var place = new Workplace();
        var json = place.Run("compile", "tiny-bert", "--provider", "cpu", "--out", "compiled", "--json").Done().Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)json["provider"], Is.EqualTo("cpu"));
            Assert.That((string?)json["device"], Is.EqualTo(ProviderDevice.Processor));
            Assert.That((string?)json["onnxRuntime"], Is.EqualTo(OrtSession.Version));
            Assert.That((double?)json["secondsBefore"], Is.Positive);
            Assert.That((double?)json["secondsAfter"], Is.Positive);
            Assert.That((double?)json["maxAbsError"], Is.Zero);
            Assert.That(json["files"]!.AsArray().Select(f => place[$"compiled/{f}"]), Is.All.Exist);
        }

        var plain = place.Run([.. Cache, "--out", "features", "--json"]).Done();
        var fast = place.Run([.. Cache, "--out", "features-compiled", "--compiled", "compiled", "--json"]).Done();
        Assert.That(fast.Errors, Does.Not.Contain("compiled"));
        Assert.That(Shards(place["features-compiled"]), Is.EqualTo(Shards(place["features"])), "the same bytes");
        Assert.That((string?)fast.Json["fingerprint"], Is.EqualTo((string?)plain.Json["fingerprint"]));

        var description = place[$"compiled/{json["files"]!.AsArray()[^1]}"];
        var foreign = JsonNode.Parse(File.ReadAllText(description))!;
        foreign["key"]!["onnxRuntime"] = "1.0.0";
        File.WriteAllText(description, foreign.ToJsonString());
        var refused = place.Run([.. Cache, "--out", "features-foreign", "--compiled", "compiled"]).Done();
        Assert.That(refused.Errors, Does.Contain("No precompiled graph of 'compiled' is used: it was made for ONNX Runtime 1.0.0, this is"));
        Assert.That(Shards(place["features-foreign"]), Is.EqualTo(Shards(place["features"])));
    }

    [Test]
    public void One_beside_the_model_is_used_unasked()
    {
        using var place = new Workplace();
        var words = place.Run("compile", "tiny-bert", "--provider", "cpu", "--out", "tiny-bert/compiled").Done().Output;
        Assert.That(words, Does.Contain("Compiled for cpu (").And.Match(@"Start-up: \d+ ms before, \d+ ms now\. Largest difference of a value: 0\."));
        File.Delete(Directory.GetFiles(place["tiny-bert/compiled"], "*.onnx")[0]);
        Assert.That(place.Run([.. Cache, "--out", "features"]).Done().Errors, Does.Match(@"No precompiled graph of '.*compiled' is used: '.*\.onnx' is missing\."), "it was looked for");
    }

    [Test]
    public void A_provider_that_is_not_there_compiles_nothing()
    {
        using var place = new Workplace();
        place.Run("compile", "tiny-bert", "--provider", "cuda", "--out", "compiled").Refused("Execution provider 'cuda' is not in this ONNX Runtime");
        Assert.That(place["compiled"], Does.Not.Exist);
    }

    static Dictionary<string, string> Shards(string folder) => Directory.GetFiles(folder, "shard-*").ToDictionary(f => Path.GetFileName(f)!, FileHash.OfFile);
}
