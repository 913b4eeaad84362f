using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>
/// DeBERTa with `share_att_key` applies query and key projections to relative positions too. Trained parts of them act in both places, as in PyTorch, where each is one module:
/// the oracle is the model whose shared constant itself was changed.
/// </summary>
sealed class SharedProjectionTests
{
    static readonly ClassificationTask Task = new(["a", "b"]);

    static readonly string[] Exports = ["legacy-opset14.onnx", "dynamo-opset18.onnx"];

    [Test]
    public void LoRA_equals_the_model_whose_weights_were_changed([ValueSource(nameof(Exports))] string export, [Values] bool areCopies)
    {
        using var encoder = new TinyEncoder("deberta-v2", export);
        if (areCopies)
            Rewrite(encoder, GiveEachPlaceACopy);
        var backbone = Backbone.Load(encoder.Backbone.Path);
        var adapter = RandomAdapter.Of(new LoraOptions { Targets = "q,k", Rank = 2 }, backbone, Task);
        var none = new Adapter(adapter.Info, [.. adapter.Tensors.Select(t => t.Name.EndsWith(Lora.B, StringComparison.Ordinal) ? t with { Values = new float[t.Values.Length] } : t)]);
        var (live, before) = (Scores(adapter, backbone, encoder), Scores(none, backbone, encoder));

        Rewrite(encoder, model =>
        {
            foreach (var (name, site) in Projections(model))
            {
                foreach (var tensor in site.Places.Select(p => p.Weight.Tensor).Distinct())
                {
                    var weight = new WeightMatrix(tensor.ToFloats(), site);
                    weight.AddProduct(Of(adapter, name + Lora.A), Of(adapter, name + Lora.B), 8);
                    Replace(model, tensor, weight.Values);
                }
            }
        });
        var changed = Scores(none, Backbone.Load(encoder.Backbone.Path), encoder);
        Assert.That(live, Is.EqualTo(changed).Within(2e-5));
        Assert.That(live, Is.Not.EqualTo(before).Within(1e-3), "it has an influence");
    }

    [TestCaseSource(nameof(Exports))]
    public void Biases_are_trained_in_both_places(string export)
    {
        using var encoder = new TinyEncoder("deberta-v2", export);
        var adapter = RandomAdapter.Of(new BitFitOptions { Biases = "attention.k" }, encoder.Backbone, Task);
        var live = Scores(adapter, encoder.Backbone, encoder);
        Rewrite(encoder, model =>
        {
            foreach (var (name, site) in Projections(model).Where(p => p.Name.EndsWith(EncoderRoles.Key, StringComparison.Ordinal)))
                Replace(model, site.Bias!.Tensor, Of(adapter, $"{name}.bias"));
        });
        // The probe has the adapter's head and trains nothing inside.
        var probe = RandomAdapter.Of(new LinearProbeOptions(), encoder.Backbone, Task);
        probe = new Adapter(probe.Info, [.. probe.Tensors.Select(t => adapter.Tensors.First(own => own.Name == t.Name))]);
        Assert.That(live, Is.EqualTo(Scores(probe, Backbone.Load(encoder.Backbone.Path), encoder)).Within(2e-5));
    }

    /// <summary>Dropout draws masks for the relative positions too, in the shape that they have in the graph.</summary>
    [TestCaseSource(nameof(Exports))]
    public void Dropout_fits_both_inputs(string export)
    {
        using var encoder = new TinyEncoder("deberta-v2", export);
        var tunable = new LoraOptions { Targets = "q,k", Dropout = 0.5, Rank = 2 }.Apply(encoder.Backbone, Task, seed: 1);
        var options = new TrainingOptions { BatchSize = 3, Epochs = 1 }.Resolve(new LoraOptions().Defaults(3));
        using var engine = new GraphEngine(tunable, 32, Task.Outputs, options, new ExecutionOptions { Threads = 1 });
        using var batch = new EncodedBatch(encoder.Backbone, tunable.Encoder!, [0, 1, 2], encoder.Tokens) { Targets = new TargetBatch(tunable.Target, 3, 1, weighted: false) };
        Assert.That(engine.Train(batch, 1e-3), Is.Not.NaN);
    }

    static float[] Scores(Adapter adapter, Backbone backbone, TinyEncoder encoder)
    {
        using var scores = new AdapterScores(adapter, backbone);
        return [.. scores.Of(encoder.Tokens).SelectMany(s => s)];
    }

    static IEnumerable<(string Name, LinearSite Site)> Projections(OnnxModel model) => EncoderAnatomy.Find(model)!.Layers
        .SelectMany(l => new[] { (EncoderRoles.Query, l.Query!), (EncoderRoles.Key, l.Key!) }.Select(p => ($"{BackboneSites.LayerName(l.Index)}.{p.Item1}", p.Item2)));

    static float[] Of(Adapter adapter, string name) => adapter.Tensors.First(t => t.Name == name).Values;

    static void Replace(OnnxModel model, OnnxTensor tensor, float[] values)
    {
        var place = model.Graph.Initializers.FindIndex(i => i.Name == tensor.Name);
        model.Graph.Initializers[place] = OnnxTensor.FromFloats(tensor.Name, values, tensor.Dims);
    }

    /// <summary>As exporters write it that do not merge equal parameters.</summary>
    static void GiveEachPlaceACopy(OnnxModel model)
    {
        foreach (var (name, site) in Projections(model))
        {
            var place = site.Second!.Weight;
            var current = place.Node.Input(place.Input);
            var copy = OnnxTensor.FromFloats($"{name}.copy", place.Tensor.ToFloats(), place.Tensor.Dims);
            model.Graph.Initializers.Add(copy);
            if (model.Graph.Nodes.Find(n => n.Outputs.Contains(current)) is { OpType: "Transpose" } transpose)
            {
                var copied = new OnnxNode("Transpose", [copy.Name], [$"{name}.copied"]);
                copied.Attributes.AddRange(transpose.Attributes);
                model.Graph.Nodes.Insert(0, copied);
                place.Node.Inputs[place.Input] = $"{name}.copied";
            }
            else
            {
                place.Node.Inputs[place.Input] = copy.Name;
            }
        }
    }

    static void Rewrite(TinyEncoder encoder, Action<OnnxModel> change)
    {
        var path = Path.Combine(encoder.Backbone.Path, "model.onnx");
        var model = OnnxModel.FromBytes(File.ReadAllBytes(path));
        change(model);
        File.WriteAllBytes(path, model.ToBytes());
    }
}
