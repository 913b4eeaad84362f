namespace OrtPeft.Tests;

/// <summary>Adapters to peft and back, and to ONNX Runtime's own files, as a user types it.</summary>
sealed class ImportVerbTests
{
    [Test]
    public void A_trained_adapter_goes_to_peft_and_comes_back()
    {
        using var place = new Workplace();
        place.Run("train", "--model", "tiny-bert", "--method", "lora", "--set", "layers=2", "--train", "train.jsonl", "--dev", "dev.jsonl", "--max-length", "32", "--epochs", "1", "--out", "lora").Done();
        var exported = place.Run("export", "lora", "--format", "peft", "--out", "peft", "--json").Done().Json;
        Assert.That((double)exported["maxAbsError"]!, Is.Zero);
        Assert.That(exported["files"]!.AsArray().Select(f => (string)f!), Is.EqualTo(new[] { "peft/adapter_config.json", "peft/adapter_model.safetensors", "peft/head.safetensors" }));
        place.Run("export", "lora", "--format", "peft", "--out", "peft").Refused("'peft' already holds adapter_config.json", "--overwrite");

        var imported = place.Run("import", "peft", "--model", "tiny-bert", "--out", "again", "--json").Done().Json;
        Assert.That((string?)imported["method"], Is.EqualTo("lora"));
        Assert.That((int)imported["options"]!["layers"]!, Is.EqualTo(2));
        Assert.That(imported["labels"]!.ToJsonString(), Is.EqualTo("[\"ham\",\"spam\"]"));
        string[] predict = ["--text", "free prize money"];
        Assert.That(place.Run(["predict", "again", .. predict]).Done().Output, Is.EqualTo(place.Run(["predict", "lora", .. predict]).Done().Output));
        place.Run("import", "peft", "--model", "tiny-bert", "--out", "again").Refused("'again' already holds adapter.json");

        place.Run("import", "peft", "--model", "tiny-bert", "--no-head", "--out", "fused").Done();
        place.Run("inspect", "fused").Done();

        var adapter = place.Run("export", "lora", "--format", "onnx-adapter", "--out", "runtime", "--json").Done().Json;
        Assert.That(adapter["files"]!.AsArray().Select(f => (string)f!), Does.Contain("runtime/adapter.onnx_adapter"));
        Assert.That((double)adapter["maxAbsError"]!, Is.LessThan(1e-5));
    }

    [TestCase("import adapter --model tiny-bert --out nowhere", "does not exist")]
    [TestCase("import adapter --model tiny-bert --out nowhere --labels a,b --no-head", "--labels and --no-head are both given")]
    [TestCase("export adapter --format peft --out nowhere", "peft has no method like linear-probe")]
    [TestCase("export adapter --format onnx-adapter --out nowhere", "this adapter was trained with linear-probe")]
    public void What_cannot_be_done_is_refused(string command, string answer) => FinishedTraining.Place.Run(command.Split(' ')).Refused(answer);
}
