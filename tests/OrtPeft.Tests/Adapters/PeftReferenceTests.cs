using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>Adapters that peft trained and saved: imported they compute peft's logits; exported again they are the same files.</summary>
sealed class PeftReferenceTests
{
    static readonly (string Run, string Method)[] Runs = [("lora", "lora"), ("ia3", "ia3"), ("prefix-tuning", "prefix"), ("prompt-tuning", "prompt")];

    static IEnumerable<object[]> All => Runs.SelectMany(r => new[] { "", "-dynamo" }.Select(exporter => new object[] { r.Run, r.Method, exporter }));

    [TestCaseSource(nameof(All))]
    public void Imported_adapters_compute_the_logits_of_peft(string run, string method, string exporter)
    {
        using var folder = new PeftFolder(run, exporter);
        var fixture = EncoderFixtures.Table[method]();
        var backbone = folder.Backbone();
        var adapter = folder.Load();
        Assert.That(adapter.Info.Method, Is.EqualTo(method));
        Assert.That(adapter.Info.Labels, Is.EqualTo(new[] { "LABEL_0", "LABEL_1", "LABEL_2" }));
        foreach (var tensor in adapter.Tensors.Where(t => !t.Name.StartsWith("pooling", StringComparison.Ordinal)))
            Assert.That(tensor.Values, Is.EqualTo(fixture.Values("after5", "param.", tensor.Name)), tensor.Name);

        using var head = new TrainedHead(adapter, backbone);
        using var batch = fixture.Batch(1, backbone, fixture.Apply(backbone));
        var logits = head.Run(batch).SelectMany(s => s).ToArray();
        var expected = fixture.Reference.Read("after5", "logits_batch1");
        Assert.That(logits, Is.EqualTo(expected).Within(1e-5));
        TestContext.Out.WriteLine($"{run}{exporter}: largest difference of a logit {logits.Zip(expected, (a, e) => Math.Abs((double)a - e)).Max():E1}");
    }

    [TestCaseSource(nameof(All))]
    public void Exported_again_they_are_what_peft_saved(string run, string method, string exporter)
    {
        using var folder = new PeftFolder(run, exporter);
        folder.Load("a", "b", "c").Save(folder["adapter"]);
        var result = AdapterExport.Open(folder["adapter"], folder.ModelPath).ToPeft(folder["again"]);
        Assert.That(result.MaxAbsError, Is.Zero);
        Assert.That(result.Files.Select(Path.GetFileName), Is.EqualTo(new[] { "adapter_config.json", "adapter_model.safetensors" }));

        var (expected, written) = (PeftFolder.Read(Path.Combine(folder.Path, PeftFile.Name)), PeftFolder.Read(Path.Combine(folder["again"], PeftFile.Name)));
        Assert.That(written.Keys, Is.EqualTo(expected.Keys), "the same keys in the same order");
        foreach (var (key, (shape, values)) in written)
        {
            Assert.That(shape, Is.EqualTo(expected[key].Shape), key);
            Assert.That(values, Is.EqualTo(expected[key].Values), key);
        }
        var (theirs, ours) = (Config(folder.Path), Config(folder["again"]));
        foreach (var (field, value) in ours.Where(f => f.Key != "base_model_name_or_path"))
        {
            // peft keeps lists of modules as sets, and names the classifiers twice for prompts.
            if (value is JsonArray list)
                Assert.That(Names(list), Is.EquivalentTo(Names(theirs[field]!.AsArray()).Distinct()), field);
            else
                Assert.That(JsonNode.DeepEquals(value, theirs[field]), Is.True, $"{field} is {value}, {theirs[field]} in peft's file");
        }
        Assert.That(PeftAdapter.Load(folder["again"], folder.Backbone()).Info.Labels, Is.EqualTo(new[] { "a", "b", "c" }), "labels go with our own exports");

        static IEnumerable<string> Names(JsonArray list) => list.Select(n => (string)n!);
    }

    static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftConfig.File)))!.AsObject();

    [Test]
    public void Without_its_head_an_adapter_becomes_a_model()
    {
        using var folder = new PeftFolder("lora");
        var files = PeftAdapter.Fuse(folder.Path, folder.Backbone(), folder["fused"]);
        Assert.That(files.Select(Path.GetFileName), Is.EqualTo(new[] { "model.onnx", "tokenizer.json", "config.json" }));
        var adapter = folder.Load();
        var (backbone, fused) = (folder.Backbone(), Backbone.Load(folder["fused"]));
        // y W with W' = W + 2 (B A)^T, alpha / rank being 2.
        var name = "layer.1.attention.q";
        var (before, after) = (EncoderAnatomy.Of(backbone).Layers[1].Query!, EncoderAnatomy.Of(fused).Layers[1].Query!);
        var (a, b) = (adapter.Tensors.First(t => t.Name == $"{name}.lora_A").Values, adapter.Tensors.First(t => t.Name == $"{name}.lora_B").Values);
        var (old, changed) = (before.Weight.Tensor.ToFloats(), after.Weight.Tensor.ToFloats());
        for (var i = 0; i < old.Length; i++)
            Assert.That(changed[i], Is.EqualTo(old[i] + 2 * Enumerable.Range(0, 4).Sum(k => b[i % 32 * 4 + k] * a[k * 32 + i / 32])).Within(1e-6));
    }

    /// <summary>A module of rank 2 with an alpha of its own beside others of rank 4: the same product B A, in factors of one rank.</summary>
    [Test]
    public void Ranks_and_alphas_by_module_are_exact()
    {
        const string Module = "base_model.model.bert.encoder.layer.1.attention.self.query";
        using var folder = new PeftFolder("lora");
        var (a, b) = (Enumerable.Range(0, 64).Select(i => 0.01f * i).ToArray(), Enumerable.Range(0, 64).Select(i => 0.5f - 0.01f * i).ToArray());
        folder.Configure(c =>
        {
            c["rank_pattern"] = new JsonObject { ["layer.1.attention.self.query"] = 2 };
            c["alpha_pattern"] = new JsonObject { ["layer.1.attention.self.query"] = 6 };
        }).Change(t =>
        {
            t[$"{Module}.lora_A.weight"] = ([2, 32], a);
            t[$"{Module}.lora_B.weight"] = ([32, 2], b);
        });
        var adapter = folder.Load();
        var (ownA, ownB) = (adapter.Tensors.First(t => t.Name == "layer.1.attention.q.lora_A"), adapter.Tensors.First(t => t.Name == "layer.1.attention.q.lora_B"));
        Assert.That(ownA.Values, Is.EqualTo(a.Concat(new float[64])));
        // Scale 6 / 2 in place of 8 / 4.
        Assert.That(ownB.Values, Is.EqualTo(Enumerable.Range(0, 32).SelectMany(o => new[] { 1.5f * b[2 * o], 1.5f * b[2 * o + 1], 0, 0 })));
    }

    [Test]
    public void Halves_of_bfloat16_are_read()
    {
        using var folder = new TemporaryFolder();
        new SafetensorsWriter().Add("x", "BF16", new byte[] { 0x80, 0x3F, 0x40, 0xC0 }, 2).Write(folder["x"]);
        using var file = SafetensorsFile.Open(folder["x"]);
        Assert.That(file.ReadSingles("x"), Is.EqualTo(new[] { 1f, -3f }));
    }
}
