using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class InspectVerbTests
{
    [Test]
    public void Json_says_what_the_model_is()
    {
        var json = FinishedTraining.Place.Run("inspect", "tiny-bert", "--json").Done().Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)json["family"], Is.EqualTo("bert"));
            Assert.That((int?)json["layers"], Is.EqualTo(3));
            Assert.That((int?)json["hidden"], Is.EqualTo(32));
            Assert.That((int?)json["heads"], Is.EqualTo(4));
            Assert.That((long?)json["parameters"], Is.EqualTo(30_624));
            Assert.That((int?)json["opset"], Is.EqualTo(14));
            Assert.That((int?)json["maxPositions"], Is.EqualTo(32));
            Assert.That(json["inputs"]!.AsArray().Select(i => (string?)i), Is.EqualTo(new[] { "input_ids", "attention_mask", "token_type_ids" }));
        }
        var site = json["sites"]![0]!;
        Assert.That((string?)site["name"], Is.EqualTo("last_hidden_state"));
        Assert.That((string?)site["role"], Is.EqualTo("features"));
        Assert.That((int?)site["layer"], Is.EqualTo(3));
        Assert.That((string?)site["tensor"], Is.EqualTo("last_hidden_state"));
        Assert.That(Methods(json), Is.EqualTo(TuningMethods.Table.Keys.Select(name => (name, true, ""))));
    }

    [Test]
    public void A_model_without_tokenizer_is_shown_and_the_reason_why_no_method_applies()
    {
        using var place = new Workplace();
        File.Delete(Path.Combine(place["tiny-bert"], "tokenizer.json"));
        const string Reason = "the model has no tokenizer.json";
        Assert.That(Methods(place.Run("inspect", "tiny-bert", "--json").Done().Json), Is.EqualTo(TuningMethods.Table.Keys.Select(name => (name, false, Reason))));
        var words = place.Run("inspect", "tiny-bert").Done().Output;
        Assert.That(words, Does.Contain("none").And.Contain($"no: {Reason}"));
    }

    [Test]
    public void People_read_family_size_and_methods()
    {
        var words = FinishedTraining.Place.Run("inspect", "tiny-bert").Done().Output;
        Assert.That(words, Does.Contain("bert, 3 layers, width 32, 4 heads, 30,624 parameters"));
        Assert.That(words, Does.Match(@"y-tuning +yes +Label vectors"));
        Assert.That(words, Does.Not.Contain("\e"));
    }

    static (string, bool, string)[] Methods(JsonObject json) =>
        [.. json["methods"]!.AsArray().Select(m => ((string)m!["name"]!, (bool)m["supported"]!, (string)m["reason"]!))];
}
