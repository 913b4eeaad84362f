using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>Our own adapters in peft's files and back.</summary>
sealed class PeftExportTests
{
    static readonly ClassificationTask Task = new(["ham", "spam"]);

    static readonly Dictionary<string, EncoderMethodOptions> Methods = new()
    {
        ["dora"] = new LoraOptions { Rank = 2, Targets = "k,ffn.in", Dora = true },
        ["lora"] = new LoraOptions { Rank = 3, Layers = 2, Targets = "q,v,ffn.out", RankStabilized = true },
        ["ia3"] = new Ia3Options(),
        ["prefix"] = new PrefixOptions { Tokens = 3 },
        ["prompt"] = new PromptOptions { Tokens = 2 },
        ["layer-norm"] = new LayerNormOptions(),
    };

    static IEnumerable<object[]> All => from family in new[] { "bert", "roberta", "distilbert", "bart-encoder", "t5-encoder" }
                                        from method in Methods.Keys
                                        where !(family == "t5-encoder" && method is "prefix" or "prompt") // positions or prompts that its graph does not let in
                                        select new object[] { family, method };

    [TestCaseSource(nameof(All))]
    public void Every_tensor_comes_back(string family, string method)
    {
        using var encoder = new TinyEncoder(family, "legacy-opset14.onnx");
        using var folder = new TemporaryFolder();
        var adapter = RandomAdapter.Of(Methods[method], encoder.Backbone, Task);
        adapter.Save(folder["adapter"]);
        var result = AdapterExport.Open(folder["adapter"]).ToPeft(folder["peft"]);
        Assert.That(result.MaxAbsError, Is.Zero);
        Assert.That(result.Files.Select(Path.GetFileName), Is.EqualTo(new[] { "adapter_config.json", "adapter_model.safetensors", "head.safetensors" }), "no classifier of Hugging Face's takes a mean");

        var back = PeftAdapter.Load(folder["peft"], encoder.Backbone);
        Assert.That(back.Tensors.Select(t => t.Name), Is.EqualTo(adapter.Tensors.Select(t => t.Name)));
        foreach (var (own, other) in adapter.Tensors.Zip(back.Tensors))
            Assert.That(other.Values, Is.EqualTo(own.Values), own.Name);
        Assert.That(back.Info.Options.ToJsonString(), Is.EqualTo(adapter.Info.Options.ToJsonString()));
        Assert.That((back.Info.Labels, back.Info.MaxLength, back.Info.Task), Is.EqualTo((adapter.Info.Labels, adapter.Info.MaxLength, adapter.Info.Task)).Using<(IReadOnlyList<string>, int, TaskInfo?)>((a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2 == b.Item2 && a.Item3 == b.Item3));
    }

    [Test]
    public void Norms_have_the_keys_of_LN_tuning()
    {
        var (config, tensors) = Exported("bert", new LayerNormOptions(), Task);
        Assert.That(config["peft_type"]!.GetValue<string>(), Is.EqualTo("LN_TUNING"));
        Assert.That(config["task_type"]!.GetValue<string>(), Is.EqualTo("FEATURE_EXTRACTION"));
        Assert.That(config["target_modules"]!.ToJsonString(), Is.EqualTo("[\"LayerNorm\"]"));
        Assert.That(tensors.Keys.Take(4), Is.EqualTo(new[]
        {
            "base_model.model.embeddings.LayerNorm.ln_tuning_layers.bias", "base_model.model.embeddings.LayerNorm.ln_tuning_layers.weight",
            "base_model.model.encoder.layer.0.attention.output.LayerNorm.ln_tuning_layers.bias", "base_model.model.encoder.layer.0.attention.output.LayerNorm.ln_tuning_layers.weight",
        }));
    }

    [Test]
    public void The_last_layers_are_named_in_full()
    {
        var (config, tensors) = Exported("bert", new LoraOptions { Layers = 1, Targets = "q", Rank = 2 }, Task);
        Assert.That(config["target_modules"]!.ToJsonString(), Is.EqualTo("[\"encoder.layer.2.attention.self.query\"]"));
        Assert.That(tensors.Keys, Is.EqualTo(new[] { "base_model.model.encoder.layer.2.attention.self.query.lora_A.weight", "base_model.model.encoder.layer.2.attention.self.query.lora_B.weight" }));
    }

    /// <summary>RoBERTa's classifier is a trained layer with tanh and a linear one, which pooling=pooler is too.</summary>
    [Test]
    public void A_head_with_a_pooler_is_the_classifier_of_RoBERTa()
    {
        var (config, tensors) = Exported("roberta", new LoraOptions { Targets = "q", Rank = 2, Pooling = PoolingKind.Pooler }, Task);
        Assert.That(config["task_type"]!.GetValue<string>(), Is.EqualTo("SEQ_CLS"));
        Assert.That(tensors.Keys.Where(k => k.Contains("classifier", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "base_model.model.classifier.dense.bias", "base_model.model.classifier.dense.weight", "base_model.model.classifier.out_proj.bias", "base_model.model.classifier.out_proj.weight",
        }));
        Assert.That(tensors["base_model.model.classifier.out_proj.weight"].Shape, Is.EqualTo(new long[] { 2, 32 }));
        Assert.That(tensors.Keys.Last(), Is.EqualTo("base_model.model.roberta.encoder.layer.2.attention.self.query.lora_B.weight"));
    }

    /// <summary>BERT's pooler is a part of the model: trained, it is saved like a classifier.</summary>
    [Test]
    public void A_trained_pooler_of_BERT_goes_with_the_classifier()
    {
        var (config, tensors) = Exported("bert", new Ia3Options { Pooling = PoolingKind.Pooler }, Task);
        Assert.That(config["modules_to_save"]!.ToJsonString(), Is.EqualTo("[\"classifier\",\"score\",\"pooler\"]"));
        Assert.That(tensors["base_model.model.bert.pooler.dense.weight"].Shape, Is.EqualTo(new long[] { 32, 32 }));
    }

    [Test]
    public void Taggers_are_the_token_classifiers_of_peft()
    {
        var (config, tensors) = Exported("bert", new LoraOptions { Rank = 2 }, new TaggingTask(new LabelSet(["O", "B-X", "I-X"])));
        Assert.That(config["task_type"]!.GetValue<string>(), Is.EqualTo("TOKEN_CLS"));
        Assert.That(tensors["base_model.model.classifier.weight"].Shape, Is.EqualTo(new long[] { 3, 32 }));
    }

    [TestCase("albert", "lora", "The layers of")]
    [TestCase("modernbert", "lora", "is none of its own in models of the family modernbert")]
    public void What_peft_cannot_refer_to_is_refused(string family, string method, string answer)
    {
        var options = TuningMethods.Parse(method, []);
        Assert.That(() => Exported(family, (EncoderMethodOptions)options, Task), Throws.TypeOf<OrtPeftException>().With.Message.Contains(answer));
    }

    [Test]
    public void Methods_that_peft_does_not_have_are_refused()
    {
        Assert.That(() => Exported("bert", new BitFitOptions(), Task), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("peft has no method like bitfit; it has lora, ia3, layer-norm, prefix, prompt."));
        Assert.That(() => Exported("bert", new PrefixOptions { Layers = 1 }, Task), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("peft's prefixes are in all layers"));
    }

    static (JsonObject Config, Dictionary<string, (long[] Shape, float[] Values)> Tensors) Exported(string family, EncoderMethodOptions options, LearningTask task)
    {
        using var encoder = new TinyEncoder(family, "legacy-opset14.onnx");
        using var folder = new TemporaryFolder();
        RandomAdapter.Of(options, encoder.Backbone, task).Save(folder["adapter"]);
        AdapterExport.Open(folder["adapter"]).ToPeft(folder["peft"]);
        return (JsonNode.Parse(File.ReadAllText(Path.Combine(folder["peft"], PeftConfig.File)))!.AsObject(), PeftFolder.Read(Path.Combine(folder["peft"], PeftFile.Name)));
    }
}
