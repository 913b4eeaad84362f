using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>Folders that cannot be imported are refused in one sentence that names the place.</summary>
sealed class PeftRefusalTests
{
    const string Query = "base_model.model.bert.encoder.layer.0.attention.self.query";

    static readonly Dictionary<string, (string Run, Action<PeftFolder> Change, string Answer)> Wrong = new()
    {
        ["another method"] = ("lora", f => f.Configure(c => c["peft_type"] = "VERA"), "peft_type is 'VERA'; expected LORA, IA3, PREFIX_TUNING, PROMPT_TUNING or LN_TUNING"),
        ["another task"] = ("lora", f => f.Configure(c => c["task_type"] = "CAUSAL_LM"), "task_type is 'CAUSAL_LM'"),
        ["DoRA without lengths"] = ("lora", f => f.Configure(c => c["use_dora"] = true), "says use_dora, but it has no 'lora_magnitude_vector' of '"),
        ["biases"] = ("lora", f => f.Configure(c => c["bias"] = "all"), "bias is 'all'; expected none"),
        ["an expression"] = ("lora", f => f.Configure(c => c["alpha_pattern"] = new JsonObject { ["layer.[01].*"] = 2 }), "alpha_pattern has the regular expression"),
        ["another rank"] = ("lora", f => f.Configure(c => c["r"] = 8), "have rank 4; adapter_config.json says r=8"),
        ["no file"] = ("lora", f => File.Delete(Path.Combine(f.Path, PeftFile.Name)), "does not exist"),
        ["a pickle"] = ("lora", f => File.Move(Path.Combine(f.Path, PeftFile.Name), Path.Combine(f.Path, "adapter_model.bin")), "safe_serialization=True"),
        ["a cut file"] = ("lora", f => File.WriteAllBytes(Path.Combine(f.Path, PeftFile.Name), File.ReadAllBytes(Path.Combine(f.Path, PeftFile.Name))[..3000]), "is not a sound safetensors file"),
        ["a broken configuration"] = ("lora", f => File.WriteAllText(Path.Combine(f.Path, PeftConfig.File), "{\"peft_type\": 3}"), "is damaged or of another version"),
        ["a wrong width"] = ("lora", f => f.Change(t => t[$"{Query}.lora_A.weight"] = ([4, 16], new float[64])), $"tensor '{Query}.lora_A.weight' is [4, 16]; expected [4, 32]"),
        ["a wrong number of dimensions"] = ("lora", f => f.Change(t => t[$"{Query}.lora_A.weight"] = ([128], new float[128])), "is [128]; expected a matrix with 1 to 32 rows"),
        ["A without B"] = ("lora", f => f.Change(t => t.Remove($"{Query}.lora_B.weight")), "but no 'lora_B.weight' of that module"),
        ["B without A"] = ("lora", f => f.Change(t => t.Remove($"{Query}.lora_A.weight")), $"tensor '{Query}.lora_B.weight' is of no module"),
        ["an unknown module"] = ("lora", f => f.Change(t => t[$"{Query}y.lora_A.weight"] = ([4, 32], new float[128])), "query"),
        ["a layer too many"] = ("lora", f => f.Change(t => t[Query.Replace("layer.0", "layer.3", StringComparison.Ordinal) + ".lora_A.weight"] = ([4, 32], new float[128])), "layer.3.attention.self.query.lora_A.weight' is of no module"),
        ["one module twice"] = ("lora", f => f.Change(t => t[$"other.{Query}.lora_A.weight"] = ([4, 32], new float[128])), "are both of the module"),
        ["another family"] = ("lora", f => f.Change(t => { foreach (var key in t.Keys.Where(k => k.Contains("lora", StringComparison.Ordinal)).ToArray()) { t.Add(key.Replace("attention.self", "attention", StringComparison.Ordinal), t[key]); t.Remove(key); } }), "Is it for another model?"),
        ["no head"] = ("lora", f => f.Change(t => t.Remove("base_model.model.classifier.weight")), "lacks the head's tensor 'classifier.weight'. Import the encoder part alone (--no-head)"),
        ["half a head"] = ("lora", f => f.Change(t => t.Remove("base_model.model.classifier.bias")), "lacks the head's tensor 'classifier.bias'"),
        ["a wrong head"] = ("lora", f => f.Change(t => t["base_model.model.classifier.weight"] = ([3, 31], new float[93])), "is [3, 31]; expected [3, 32]"),
        ["features without a head"] = ("lora", f => f.Configure(c => c["task_type"] = "FEATURE_EXTRACTION"), "--no-head"),
        ["no pooler"] = ("lora", f => File.Delete(f.PyTorchWeights), "its head reads the model's pooler, which 'model' lacks"),
        ["another model's pooler"] = ("lora", f => new SafetensorsWriter().Add("pooler.dense.weight", new float[4], 2, 2).Add("pooler.dense.bias", new float[2], 2).Write(f.PyTorchWeights), "It belongs to another model."),
        ["prefix tokens"] = ("prefix-tuning", f => f.Configure(c => c["num_virtual_tokens"] = 5), "tensor 'prompt_embeddings' is [4, 192]; expected [5, 192]"),
        ["no number of tokens"] = ("prompt-tuning", f => f.Configure(c => c.Remove("num_virtual_tokens")), "lacks num_virtual_tokens"),
        ["too many tokens"] = ("prompt-tuning", f => f.Configure(c => c["num_virtual_tokens"] = 2_000_000_000), "tokens is 2000000000; expected 1 to"),
        ["no prompt"] = ("prompt-tuning", f => f.Change(t => t.Remove("prompt_embeddings")), "lacks the tensor 'prompt_embeddings'"),
        ["a huge claim"] = ("lora", f => f.Change(t => t.Add("base_model.model.bert.encoder.layer.0.attention.self.value.ia3_l", ([0, 1L << 40], []))), "ia3_l' is of no module"),
    };

    static IEnumerable<string> Names => Wrong.Keys;

    [TestCaseSource(nameof(Names))]
    public void What_cannot_be_imported_is_refused(string name)
    {
        var (run, change, answer) = Wrong[name];
        using var folder = new PeftFolder(run);
        change(folder);
        var message = Assert.Throws<OrtPeftException>(() => folder.Load())!.Message;
        Assert.That(message, Does.Contain(answer));
        Assert.That(message, Does.Not.Contain("\n"));
    }

    [Test]
    public void Labels_must_be_as_many_as_scores()
    {
        using var folder = new PeftFolder("ia3");
        Assert.That(() => folder.Load("a", "b"), Throws.TypeOf<OrtPeftException>().With.Message.Contains("its head has 3 scores, but 2 labels were named"));
    }

    /// <summary>What our own exports add in the metadata is believed no more than the rest.</summary>
    [TestCase("{", "its metadata 'ortpeft' is not what this version writes")]
    [TestCase("{\"task\":{\"name\":\"guessing\"},\"labels\":[],\"pooling\":\"mean\",\"maxLength\":9}", "its metadata 'ortpeft' is not what this version writes")]
    [TestCase("{\"task\":{\"name\":\"classification\"},\"labels\":[\"a\",null,\"c\"],\"pooling\":\"mean\",\"maxLength\":9}", "its metadata 'ortpeft' is not what this version writes")]
    [TestCase("{\"task\":{\"name\":\"classification\"},\"labels\":[\"a\",\"a\",\"c\"],\"pooling\":\"mean\",\"maxLength\":9}", "The label 'a' is named twice.")]
    [TestCase("{\"task\":{\"name\":\"multi-label\",\"thresholds\":[0.5]},\"labels\":[\"a\",\"b\",\"c\"],\"pooling\":\"mean\",\"maxLength\":9}", "The adapter has 1 thresholds for 3 labels")]
    public void Metadata_that_does_not_fit_is_refused(string metadata, string answer)
    {
        using var folder = new PeftFolder("lora");
        var path = Path.Combine(folder.Path, PeftFile.Name);
        var tensors = PeftFolder.Read(path);
        var writer = new SafetensorsWriter().Metadata("ortpeft", metadata);
        foreach (var (name, (shape, values)) in tensors)
            writer.Add(name, values, shape);
        writer.Write(path);
        Assert.That(() => folder.Load(), Throws.TypeOf<OrtPeftException>().With.Message.Contains(answer));
    }

    [Test]
    public void A_prompt_is_no_part_of_a_model()
    {
        using var folder = new PeftFolder("prompt-tuning");
        Assert.That(() => PeftAdapter.Fuse(folder.Path, folder.Backbone(), folder["fused"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("a prompt lengthens every text"));
    }
}
