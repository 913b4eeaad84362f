using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class MergeVerbTests
{
    [Test]
    public void Several_adapters_become_one_model()
    {
        using var place = Workplace.Trained();
        place.Run(Workplace.TrainWith("--method", "lora", "--epochs", "1", "--out", "tuned")).Done();
        var json = place.Run("merge", "adapter", "tuned", "--out", "merged", "--json").Done().Json;
        Assert.That(json["tasks"]!.AsArray().Select(t => ((int)t!["id"]!, (string?)t["name"], (string?)t["method"])), Is.EqualTo(new[] { (0, "adapter", "linear-probe"), (1, "tuned", "lora") }));
        Assert.That(json["files"]!.AsArray().Select(f => (string)f!), Is.EqualTo(new[] { "merged/model.onnx", "merged/tokenizer.json", "merged/config.json", "merged/tasks.json" }));
        Assert.That((double)json["maxAbsError"]!, Is.LessThan(1e-5));
        Assert.That(JsonNode.Parse(File.ReadAllText(place["merged/tasks.json"]))!.ToJsonString(), Is.EqualTo(json["tasks"]!.ToJsonString()));
        var model = Graphs.OnnxModel.Load(place["merged/model.onnx"]);
        Assert.That(model.Graph.Inputs.Select(i => i.Name), Does.Contain("task_id"));
        Assert.That(model.Graph.Outputs.Single().ToString(), Does.StartWith("scores: float[").And.EndWith(", 2]"));

        place.Run("merge", "adapter", "tuned", "--out", "merged").Refused("'merged' already holds model.onnx", "--overwrite");
        Assert.That(place.Run("merge", "tuned", "adapter", "--out", "merged", "--overwrite").Done().Output, Does.Contain("largest difference"));
        place.Run("merge", "adapter", "tuned", "--out", "tiny-bert", "--overwrite").Refused("is the folder of the backbone itself");
        place.Run("merge", "adapter", "adapter", "--out", "twice").Refused("Two of the adapters are called 'adapter'");
    }

    [Test]
    public void What_cannot_share_a_batch_is_refused_before_anything_is_written()
    {
        using var place = Workplace.Trained();
        place.Run(Workplace.TrainWith("--method", "mlp", "--epochs", "1", "--out", "deep")).Done();
        place.Run(Workplace.TrainWith("--method", "linear-probe", "--epochs", "1", "--max-length", "16", "--out", "short")).Done();
        place.Run("merge", "adapter", "deep", "--out", "merged").Refused("The adapter 'deep' was trained by mlp: its head is more than one linear layer", "ortpeft export");
        place.Run("merge", "adapter", "short", "--out", "merged").Refused("were trained with 32 and 16 tokens at most");
        Assert.That(Directory.Exists(place["merged"]), Is.False);
    }
}
