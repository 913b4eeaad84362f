using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>ONNX Runtime's own adapter files: layout and values against files that the runtime wrote, and runs by the runtime.</summary>
sealed class OnnxAdapterTests
{
    static readonly ClassificationTask Task = new(["ham", "spam"]);

    [TestCase("adapter1", 8)]
    [TestCase("adapter2", 2)]
    public void The_layout_is_that_of_the_runtime(string name, int count)
    {
        using var values = SafetensorsFile.Open(PeftFolder.Fixture("onnx-adapter", "values.safetensors"));
        var expected = values.Tensors.Keys.Where(k => k.StartsWith(name + ".", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.That(expected, Has.Length.EqualTo(count));
        using var folder = new TemporaryFolder();
        OnnxAdapterFile.Write(folder["own"], expected.Reverse().Select(k => OnnxTensor.FromFloats(k[(name.Length + 1)..], values.ReadSingles(k), values[k].Shape)));

        var (theirs, ours) = (Read(PeftFolder.Fixture("onnx-adapter", name + ".onnx_adapter")), Read(folder["own"]));
        Assert.That(ours.Select(t => t.Name), Is.EqualTo(theirs.Select(t => t.Name)), "the same names in the same order");
        for (var i = 0; i < count; i++)
        {
            Assert.That(ours[i].Dims, Is.EqualTo(theirs[i].Dims));
            Assert.That(ours[i].Type, Is.EqualTo(theirs[i].Type));
            Assert.That(ours[i].Bytes, Is.EqualTo(theirs[i].Bytes));
            Assert.That(MemoryMarshal.Cast<byte, float>(ours[i].Bytes).ToArray(), Is.EqualTo(values.ReadSingles(expected[i])));
        }
    }

    static IEnumerable<MethodOptions> Methods =>
    [
        new LoraOptions { Rank = 3 }, new LoraOptions { Rank = 2, Layers = 1, Targets = "all" }, new Ia3Options(), new SsfOptions(), new LayerNormOptions(), new BitFitOptions(), new PastaOptions(), new AotKronOptions { Rank = 2 }, new BottleneckOptions { Size = 4 },
    ];

    [TestCaseSource(nameof(Methods))]
    public void The_runtime_adds_the_adapter_to_a_run(MethodOptions method)
    {
        using var folder = new TemporaryFolder();
        var backbone = Tiny.Backbone();
        RandomAdapter.Of(method, backbone, Task).Save(folder["adapter"]);
        // Compares with the adapter on random tokens.
        var result = AdapterExport.Open(folder["adapter"]).ToOnnxAdapter(folder["exported"]);
        Assert.That(result.Files.Select(Path.GetFileName), Is.EqualTo(new[] { "model.onnx", "tokenizer.json", "config.json", "adapter.onnx_adapter" }));
        Assert.That(result.MaxAbsError, Is.LessThan(1e-4));
        Assert.That(Scores(folder["exported/model.onnx"], folder["exported/adapter.onnx_adapter"]), Is.Not.EqualTo(Scores(folder["exported/model.onnx"], null)).Within(1e-3), "it does something");
    }

    /// <summary>Without an adapter the model is the plain backbone under the same head.</summary>
    [TestCaseSource(nameof(Methods))]
    public void Without_an_adapter_the_model_is_the_backbone(MethodOptions method)
    {
        using var folder = new TemporaryFolder();
        var backbone = Tiny.Backbone();
        var adapter = RandomAdapter.Of(method, backbone, Task);
        adapter.Save(folder["adapter"]);
        AdapterExport.Open(folder["adapter"]).ToOnnxAdapter(folder["exported"]);
        var probe = RandomAdapter.Of(new LinearProbeOptions(), backbone, Task);
        probe = new Adapter(probe.Info, [.. probe.Tensors.Select(t => adapter.Tensors.First(own => own.Name == t.Name))]);
        probe.Save(folder["probe"]);
        AdapterExport.Open(folder["probe"]).ToOnnx(folder["plain"]);
        Assert.That(Scores(folder["exported/model.onnx"], null), Is.EqualTo(Scores(folder["plain/model.onnx"], null)).Within(1e-5));
    }

    [Test]
    public void Adapters_of_other_ranks_and_labels_share_a_model()
    {
        using var folder = new TemporaryFolder();
        var backbone = Tiny.Backbone();
        RandomAdapter.Of(new LoraOptions { Rank = 3 }, backbone, Task).Save(folder["a"]);
        RandomAdapter.Of(new LoraOptions { Rank = 8, Alpha = 3 }, backbone, new ClassificationTask(["x", "y", "z"]), seed: 1).Save(folder["b"]);
        AdapterExport.Open(folder["a"]).ToOnnxAdapter(folder["one"]);
        AdapterExport.Open(folder["b"]).ToOnnxAdapter(folder["other"]);
        Assert.That(Scores(folder["one/model.onnx"], folder["other/adapter.onnx_adapter"]), Is.EqualTo(Scores(folder["other/model.onnx"], folder["other/adapter.onnx_adapter"])).Within(1e-6));
    }

    [Test]
    public void Methods_that_do_not_start_at_the_backbone_are_refused()
    {
        using var folder = new TemporaryFolder();
        RandomAdapter.Of(new PromptOptions { Tokens = 2 }, Tiny.Backbone(), Task).Save(folder["adapter"]);
        Assert.That(() => AdapterExport.Open(folder["adapter"]).ToOnnxAdapter(folder["exported"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("this adapter was trained with prompt. Use --format onnx."));
    }

    static float[] Scores(string model, string? adapter)
    {
        using var session = OrtSession.FromFile(model, intraOpThreads: 1);
        using var run = new RunOptions();
        using var active = adapter is null ? null : OrtLoraAdapter.Create(adapter, null);
        if (active is not null)
            run.AddActiveLoraAdapter(active);
        var feeds = session.InputNames.Where(n => n is "input_ids" or "attention_mask" or "token_type_ids").ToDictionary(n => n, n => OrtValue.CreateTensorValueFromMemory(
            n switch { "input_ids" => [2L, 17, 42, 8, 3], "attention_mask" => [1L, 1, 1, 1, 1], _ => new long[5] }, [1, 5]));
        using var outputs = session.Run(run, feeds, ["scores"]);
        foreach (var value in feeds.Values)
            value.Dispose();
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    static List<(string Name, long[] Dims, int Type, byte[] Bytes)> Read(string path)
    {
        var root = FlatReader.Root(File.ReadAllBytes(path), OnnxAdapterFile.Identifier);
        Assert.That(root.Int32(OnnxAdapterFile.Root.FormatVersion), Is.EqualTo(OnnxAdapterFile.FormatVersion));
        return [.. root.Tables(OnnxAdapterFile.Root.Parameters).Select(t => (t.Text(OnnxAdapterFile.Parameter.Name)!, t.Int64s(OnnxAdapterFile.Parameter.Dims)!,
            t.Int32(OnnxAdapterFile.Parameter.DataType), t.Bytes(OnnxAdapterFile.Parameter.RawData)!.Value.ToArray()))];
    }
}
