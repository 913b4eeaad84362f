using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Our artifacts beside the official ones: the same inputs, outputs, names and order, wherever the runtime looks at them.</summary>
sealed class ArtifactBuilderTests
{
    const int Width = 32, Labels = 3;

    [TestCase("linear-adamw", true)]
    [TestCase("linear-sgd", false)]
    public void A_linear_head_has_the_structure_of_the_official_artifacts(string name, bool adamW)
    {
        using var official = new OfficialArtifacts(name);
        var theirs = OrtArtifacts.Load(official.Folder);
        var head = LinearProbe.Graph(new LinearProbeOptions(), new ClassificationTask(["a", "b", "c"]), [TrainedTensor.Normal("classifier.weight", 1, 1, Labels, Width), TrainedTensor.Constant("classifier.bias", 0, Labels)]);
        // What the generator writes when nothing is said.
        var ours = ArtifactBuilder.Build(head, Width, Labels, adamW ? new ArtifactOptimizer { Mode = 1, Epsilon = 1e-6f, WeightDecay = 0 } : new ArtifactOptimizer { IsAdamW = false });

        Assert.That(Inputs(ours.TrainingModel), Is.EqualTo(Inputs(theirs.TrainingModel).Select(i => i.Replace("labels:", TrainingGraph.LabelsInput + ":", StringComparison.Ordinal))));
        Assert.That(Inputs(ours.EvalModel), Is.EqualTo(Inputs(theirs.EvalModel).Select(i => i.Replace("labels:", TrainingGraph.LabelsInput + ":", StringComparison.Ordinal))));
        Assert.That(Outputs(ours.TrainingModel), Is.EqualTo(Renamed(theirs.TrainingModel, theirs)));
        Assert.That(Outputs(ours.EvalModel), Is.EqualTo(Renamed(theirs.EvalModel, theirs)));
        Assert.That(ours.Checkpoint.Trainable.Select(t => $"{t.Name} {t}"), Is.EqualTo(theirs.Checkpoint.Trainable.Select(t => $"{t.Name} {t}")));

        Assert.That(Inputs(ours.OptimizerModel), Is.EqualTo(Inputs(theirs.OptimizerModel)));
        var (our, their) = (ours.OptimizerModel.Graph.Nodes.Single(), theirs.OptimizerModel.Graph.Nodes.Single());
        Assert.That((our.Key, string.Join(' ', our.Inputs)), Is.EqualTo((their.Key, string.Join(' ', their.Inputs))));
        Assert.That(our.Attributes.Select(a => (a.Name, a.Int, a.Float)), Is.EqualTo(their.Attributes.Select(a => (a.Name, a.Int, a.Float))));
        Assert.That(ours.OptimizerModel.Graph.Outputs.Single().ElementType, Is.EqualTo(OnnxType.Bool));
    }

    [TestCaseSource(typeof(RandomHead), nameof(RandomHead.Names))]
    public void Gradients_go_through_the_runtimes_own_accumulators_and_nothing_else_of_it(string name)
    {
        var head = RandomHead.Create(name, dropout: 0.1);
        var artifacts = ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, new ArtifactOptimizer());
        var model = artifacts.TrainingModel;
        Assert.That((model.Opset, model.OpsetImports["com.microsoft"]), Is.EqualTo((17, 1L)));
        Assert.That(model.IrVersion, Is.EqualTo(8));
        var accumulators = model.Graph.Nodes.Where(n => n.Key == "com.microsoft.InPlaceAccumulatorV2").ToArray();
        var names = head.Tunable.Tensors.Select(t => t.Name).ToArray();
        Assert.That(accumulators.Select(n => string.Join(' ', n.Inputs)), Is.EqualTo(names.Select(n => $"{n}_grad.accumulation.buffer {n}_grad lazy_reset_grad")));
        Assert.That(accumulators.Select(n => n.Outputs.Single()), Is.EqualTo(names.Select(n => $"{n}_grad.accumulation.out")));
        Assert.That(model.Graph.Nodes.Where(n => !n.IsStandard).Select(n => n.OpType).Distinct(), Is.SubsetOf(new[] { "InPlaceAccumulatorV2", "Gelu" }));
        Assert.That(artifacts.UserInputs(model).Select(i => i.Name), Does.Not.Contain("dropout.0"), "masks are drawn in the graph");
        ArtifactCheck.Check(artifacts);
    }

    [Test]
    public void Our_checkpoint_and_models_are_read_as_they_were_written()
    {
        using var folder = new TemporaryFolder();
        var head = RandomHead.Create("mlp");
        var optimizer = new ArtifactOptimizer { Beta1 = 0.8f, Beta2 = 0.99f, Epsilon = 1e-7f, WeightDecay = 0.03f, CorrectBias = false, Mode = 1, Clip = 0.25f };
        var files = ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, optimizer).Save(folder["artifacts"]);
        Assert.That(files.Select(Path.GetFileName), Is.EqualTo(new[] { "training_model.onnx", "eval_model.onnx", "optimizer_model.onnx", "checkpoint" }));
        var artifacts = OrtArtifacts.Load(folder["artifacts"]);
        Assert.That(ArtifactOptimizer.Read(artifacts.OptimizerModel), Is.EqualTo(optimizer));
        foreach (var (tensor, read) in head.Tunable.Tensors.Zip(artifacts.Trainable))
            Assert.That((read.Name, read.ToFloats()), Is.EqualTo((tensor.Name, tensor.Values)));
    }

    [Test]
    public void A_tensor_whose_name_the_runtime_reserves_is_refused()
    {
        var tunable = new TunableGraph { View = FeatureView.Mean, Tensors = [TrainedTensor.Constant("w_grad", 1, 3)], Forward = head => head.Builder.Mul(head.Features, "w_grad"), Loss = (g, scores, target, weights) => CrossEntropyLoss.Build(g, scores, target, weights) };
        Assert.That(() => ArtifactBuilder.Build(tunable, 3, 3, new ArtifactOptimizer()), Throws.TypeOf<OrtPeftException>().With.Message.Contains("'w_grad' cannot be trained"));
    }

    static IEnumerable<string> Inputs(OnnxModel model) => model.Graph.Inputs.Select(i => i.ElementType == OnnxType.Undefined ? $"{i.Name}: {Convert.ToHexString(i.RawType!)}" : i.ToString());

    static IEnumerable<string> Outputs(OnnxModel model) => model.Graph.Outputs.Select(o => o.ToString());

    /// <summary>The generator makes up the loss's name; ours are fixed.</summary>
    static IEnumerable<string> Renamed(OnnxModel model, OrtArtifacts artifacts) =>
        Outputs(model).Select(o => o.Replace(artifacts.Loss + ":", "loss:", StringComparison.Ordinal).Replace("logits:", "scores:", StringComparison.Ordinal));
}
