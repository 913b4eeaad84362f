namespace OrtPeft.Tests;

sealed class ExportVerbTests
{
    [Test]
    public void An_onnx_model_answers_as_the_adapter_does()
    {
        using var place = Workplace.Trained();
        var json = place.Run("export", "adapter", "--format", "onnx", "--out", "exported", "--json").Done().Json;
        Assert.That((string?)json["format"], Is.EqualTo("onnx"));
        Assert.That(json["files"]!.AsArray().Select(f => (string)f!), Is.EqualTo(new[] { "exported/model.onnx", "exported/tokenizer.json", "exported/config.json" }));
        Assert.That((double)json["maxAbsError"]!, Is.LessThan(1e-5));
        Assert.That((long)json["bytes"]!, Is.EqualTo(Directory.EnumerateFiles(place["exported"]).Sum(f => new FileInfo(f).Length)));
        var model = Graphs.OnnxModel.Load(place["exported/model.onnx"]);
        Assert.That(model.Graph.Outputs.Single().ToString(), Does.StartWith("scores: float[").And.EndWith(", 2]"));
        Assert.That(model.Metadata["labels"], Is.EqualTo("[\"ham\",\"spam\"]"));
    }

    [Test]
    public void Exported_artifacts_are_trained_on_and_give_an_adapter_again()
    {
        using var place = Workplace.Trained();
        var json = place.Run("export", "adapter", "--format", "ort-training", "--out", "artifacts", "--weight-decay", "0.02", "--clip", "0.5", "--json").Done().Json;
        Assert.That(json["files"]!.AsArray().Select(f => Path.GetFileName((string)f!)), Is.EqualTo(OrtArtifacts.Files));
        Assert.That((double)json["maxAbsError"]!, Is.LessThan(1e-5));

        string[] train = ["train", "--model", "tiny-bert", "--artifacts", "artifacts", "--train", "train.jsonl", "--dev", "dev.jsonl", "--max-length", "32", "--epochs", "3", "--out", "again"];
        var trained = place.Run([.. train, "--json"]).Done().Json;
        Assert.That((string?)trained["method"], Is.EqualTo("artifacts"));
        Assert.That((int)trained["trainableParameters"]!, Is.EqualTo(66));
        Assert.That((double)trained["best"]!["metrics"]!["accuracy"]!, Is.EqualTo((double)FinishedTraining.Answer.Json["best"]!["metrics"]!["accuracy"]!).Within(0.04), "it goes on from what the adapter had learned");
        Assert.That((string?)place.Run("predict", "again", "--text", "free prize money").Done().Output, Does.Contain("\"label\":\"spam\""));
        Assert.That(File.ReadAllText(place["again/run.json"]), Does.Contain("\"weight-decay\": 0.02").And.Contain("\"clip\": 0.5").And.Not.Contain("\"method\""));

        place.Run("train", "--config", "again/run.json", "--out", "repeated").Done();
        Assert.That(place.Sha256("repeated/adapter.safetensors"), Is.EqualTo(place.Sha256("again/adapter.safetensors")));
        place.Run("export", "again", "--format", "ort-training", "--out", "artifacts-2").Done();
        place.Run("export", "again", "--format", "onnx", "--out", "exported-2").Done();

        TemporaryFolder.FlipBit(place["artifacts/checkpoint"], new FileInfo(place["artifacts/checkpoint"]).Length - 40);
        place.Run("predict", "again", "--text", "free").Refused("are not those that were trained", "Restore them, or train again.");
    }

    [Test]
    public void Nothing_is_overwritten_unless_that_is_asked_for()
    {
        using var place = Workplace.Trained();
        place.Run("export", "adapter", "--out", "exported").Done();
        place.Run("export", "adapter", "--out", "exported").Refused("'exported' already holds model.onnx", "--overwrite");
        place.Run("export", "adapter", "--out", "exported", "--overwrite").Done();
        place.Run("export", "adapter", "--out", "tiny-bert", "--overwrite").Refused("is the folder of the backbone itself");
        place.Run("export", "adapter", "--out", "train.jsonl").Refused("is a file");
    }

    [TestCase("--format ort-training --optimizer sgd --weight-decay 0.1", "sgd has none")]
    [TestCase("--format ort-training --weight-decay -1", "--weight-decay is -1; expected 0 to 10.")]
    [TestCase("--format ort-training --clip NaN", "--clip is NaN")]
    [TestCase("--format tflite", "--format is 'tflite'; expected onnx or ort-training or peft or onnx-adapter.")]
    public void Options_that_do_not_fit_are_refused(string options, string answer) =>
        FinishedTraining.Place.Run(["export", "adapter", "--out", "nowhere", .. options.Split(' ')]).Refused(answer);

    [TestCase("--artifacts adapter", "Artifacts: there is no eval_model.onnx")]
    [TestCase("--artifacts adapter --method linear-probe", "--method and --artifacts are both given")]
    [TestCase("--engine ort-training", "has no training runtime", "Microsoft.ML.OnnxRuntime.Training")]
    [TestCase("--engine fast", "--engine is 'fast'; expected graph or ort-training.")]
    public void Training_with_an_engine_or_artifacts_that_are_not_there_is_refused_before_anything_is_written(string options, params string[] answer)
    {
        var place = FinishedTraining.Place;
        place.Run(["train", "--model", "tiny-bert", "--train", "train.jsonl", "--max-length", "32", "--out", "elsewhere", .. options.Split(' ')]).Refused(answer);
        Assert.That(Directory.Exists(place["elsewhere"]), Is.False);
    }
}
