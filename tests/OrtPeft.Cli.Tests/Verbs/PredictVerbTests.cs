using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class PredictVerbTests
{
    static Answer Predict(params string[] options) => FinishedTraining.Place.Run(["predict", "adapter", .. options]);

    [Test]
    public void Every_text_gets_one_line_in_order()
    {
        var answers = Lines(Predict("--text", "free prize money", "--text", "meeting report", "--text", "").Done().Output);
        Assert.That(answers.Select(a => (string?)a["id"]), Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That(answers.Take(2).Select(a => (string?)a["label"]), Is.EqualTo(new[] { "spam", "ham" }));
        foreach (var answer in answers)
        {
            var scores = answer["scores"]!.AsObject().ToDictionary(s => s.Key, s => (double)s.Value!);
            Assert.That(scores.Keys, Is.EqualTo(new[] { "ham", "spam" }));
            Assert.That(scores.Values.Sum(), Is.EqualTo(1).Within(1e-6));
            Assert.That((double)answer["score"]!, Is.EqualTo(scores[(string)answer["label"]!]).And.EqualTo(scores.Values.Max()));
        }
    }

    [Test]
    public void A_text_may_look_like_anything()
    {
        var answers = Lines(Predict("--text", "@anna see you", "--text", "-5 degrees", "--text=--text", "--text", "two\nlines").Done().Output);
        Assert.That(answers, Has.Length.EqualTo(4));
    }

    [Test]
    public void Ids_of_a_data_set_are_kept_and_answers_go_to_a_file_when_asked()
    {
        using var place = Workplace.Trained();
        var answer = place.Run("predict", "adapter", "--data", "test.jsonl", "--out", "answers.jsonl").Done();
        Assert.That(answer.Output, Is.EqualTo("30 predictions written to answers.jsonl.\n"));
        var answers = Lines(File.ReadAllText(place["answers.jsonl"]));
        Assert.That(answers.Select(a => (string?)a["id"]), Is.EqualTo(Enumerable.Range(0, 30).Select(i => $"mail-{i}")));
        Assert.That(Lines(place.Run("predict", "adapter", "--data", "test.jsonl").Done().Output).Select(a => a.ToJsonString()), Is.EqualTo(answers.Select(a => a.ToJsonString())));
    }

    [Test]
    public void With_a_file_json_is_one_object_about_it()
    {
        using var place = Workplace.Trained();
        var json = place.Run("predict", "adapter", "--data", "test.jsonl", "--out", "answers.jsonl", "--json").Done().Json;
        Assert.That((int?)json["examples"], Is.EqualTo(30));
        Assert.That((string?)json["out"], Is.EqualTo("answers.jsonl"));
    }

    [Test]
    public void The_columns_of_the_data_set_may_have_any_name()
    {
        using var place = Workplace.Trained();
        File.WriteAllText(place["new.csv"], "key,body\nk1,free prize\nk2,meeting\n");
        var answers = Lines(place.Run("predict", "adapter", "--data", "new.csv", "--text-column", "body", "--id", "key").Done().Output);
        Assert.That(answers.Select(a => ((string?)a["id"], (string?)a["label"])), Is.EqualTo(new[] { ("k1", "spam"), ("k2", "ham") }));
    }

    [Test]
    public void An_adapter_can_move_if_the_model_is_named()
    {
        using var place = Workplace.Trained();
        Directory.Move(place["tiny-bert"], place["moved"]);
        place.Run("predict", "adapter", "--text", "free").Refused("belongs to the backbone 'tiny-bert', which is no longer at", "--model");
        place.Run("predict", "adapter", "--text", "free", "--model", "moved").Done();
    }

    [Test]
    public void Several_adapters_answer_in_one_pass_each_as_it_does_alone()
    {
        using var place = Workplace.Trained();
        place.Run(Workplace.TrainWith("--method", "y-tuning", "--epochs", "3", "--learning-rate", "0.002", "--out", "other")).Done();
        File.WriteAllLines(place["tags.jsonl"], TinyTasks.Tags(40, 0).Select(e => System.Text.Json.JsonSerializer.Serialize(new { tokens = e.Tokens, tags = e.Tags })));
        place.Run("train", "--model", "tiny-bert", "--train", "tags.jsonl", "--method", "linear-probe", "--epochs", "2", "--max-length", "32", "--out", "tagger").Done();
        var together = Lines(place.Run("predict", "adapter", "other", "tagger", "--data", "test.jsonl").Done().Output);
        foreach (var name in new[] { "adapter", "other" })
        {
            var alone = Lines(place.Run("predict", name, "--data", "test.jsonl").Done().Output);
            Assert.That(together.Select(a => (string?)a["id"]), Is.EqualTo(alone.Select(a => (string?)a["id"])));
            Assert.That(together.Select(a => (string?)a["answers"]![name]!["label"]), Is.EqualTo(alone.Select(a => (string?)a["label"])));
            Assert.That(together.Select(a => (double)a["answers"]![name]!["score"]!), Is.EqualTo(alone.Select(a => (double)a["score"]!)).Within(1e-5));
        }
        Assert.That(together[0]["answers"]!["tagger"]!["tags"], Is.InstanceOf<JsonArray>());
        place.Run("predict", "adapter", "adapter", "--text", "free").Refused("Two of the adapters are called 'adapter'");
    }

    static JsonObject[] Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
}
