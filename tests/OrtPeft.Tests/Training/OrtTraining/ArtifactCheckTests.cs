using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>
/// The wrong artifacts that the native runtime was shown (it finds most of them in the first step only, or not at all): each is refused when it
/// is read, in one sentence.
/// </summary>
sealed class ArtifactCheckTests
{
    static readonly Dictionary<string, (Func<OrtArtifacts, OrtArtifacts> Damage, string Says)> Cases = new()
    {
        ["missing_param"] = (a => Trainable(a, t => t.Where(p => p.Name != "out.weight")), "trains 'out.weight', which the checkpoint does not have"),
        ["shape"] = (a => Parameter(a, "dense.weight", t => OnnxTensor.FromFloats(t.Name, t.ToFloats(), [.. t.Dims.Reverse()])), "'dense.weight' is float[20, 16] in the checkpoint"),
        ["rank"] = (a => Parameter(a, "dense.weight", t => OnnxTensor.FromFloats(t.Name, t.ToFloats(), t.ElementCount)), "'dense.weight' is float[320] in the checkpoint"),
        ["dtype"] = (a => Parameter(a, "dense.weight", t => OnnxTensor.FromBytes(t.Name, OnnxType.Double, new byte[t.ElementCount * 8], t.Dims)), "'dense.weight' is double; only float"),
        ["fp16"] = (a => Parameter(a, "dense.weight", t => OnnxTensor.FromBytes(t.Name, OnnxType.Float16, new byte[t.ElementCount * 2], t.Dims)), "'dense.weight' is float16; only float"),
        ["duplicate"] = (a => Trainable(a, t => t.Append(t[0])), "two tensors called 'dense.weight'"),
        ["bothlists"] = (a => a with { Checkpoint = a.Checkpoint with { Frozen = [a.Checkpoint.Trainable[0]] } }, "two tensors called 'dense.weight'"),
        ["extra_trainable"] = (a => Trainable(a, t => t.Append(OnnxTensor.FromFloats("extra", [1], 1))), "'extra' of the checkpoint is no input"),
        ["frozen_but_buffer"] = (a => a with { Checkpoint = a.Checkpoint with { Trainable = [.. a.Checkpoint.Trainable.Skip(1)], Frozen = [a.Checkpoint.Trainable[0]] } }, "trains 'dense.weight', which the checkpoint wants frozen"),
        ["trainable_no_buffer"] = (a => Training(a, g => g.Inputs.RemoveAll(i => i.Name == "out.bias_grad.accumulation.buffer"), "out.bias"), "no gradient buffer for 'out.bias'"),
        ["no_reset"] = (a => Training(a, g => g.Inputs.RemoveAll(i => i.Name == "lazy_reset_grad"), ""), "has no input 'lazy_reset_grad'"),
        ["ir11"] = (a => Change(a, () => a.TrainingModel.IrVersion = 11), "has IR version 11"),
        ["opset22"] = (a => Change(a, () => a.TrainingModel.OpsetImports[""] = 22), "opset 22"),
        ["eval_order"] = (a => Change(a, () => a.EvalModel.Graph.Inputs.Reverse()), "in the same order"),
        ["missing_frozen"] = (a => Change(a, () => a.EvalModel.Graph.Inputs.Insert(0, new OnnxValueInfo("lost", OnnxType.Float, [1]))), "eval_model.onnx takes 'lost', 'features'"),
        ["eval_missing"] = (a => Change(a, () => Bake(a.EvalModel, a.Checkpoint.Trainable[^1])), "must be those of training_model.onnx"),
        ["opt_name"] = (a => Change(a, () => RenameInput(a.OptimizerModel, "learning_rate", "lr")), "are lr, step, params"),
        ["opt_order"] = (a => Change(a, () => a.OptimizerModel.Graph.Inputs.Reverse(2, 2)), "in this order"),
        ["opt_two"] = (a => Change(a, () => a.OptimizerModel.Graph.Nodes.Add(Second(a.OptimizerModel.Graph.Nodes[0]))), "exactly one AdamWOptimizer"),
        ["opt_zero"] = (a => Change(a, () => a.OptimizerModel.Graph.Nodes[0].OpType = "LambOptimizer"), "exactly one AdamWOptimizer"),
        ["opt_int64"] = (a => Change(a, () => a.OptimizerModel.Graph.Outputs[0] = new OnnxValueInfo("updated", OnnxType.Int64, [1])), "must be bool"),
        ["opt_moments"] = (a => Change(a, () => a.OptimizerModel.Graph.Nodes[0].Inputs.RemoveAt(5)), "reads learning_rate, step, params, gradients, first_order_moments; expected"),
        ["adam_mode2"] = (a => Change(a, () => a.OptimizerModel.Graph.Nodes[0].Set(new OnnxAttribute("adam_mode", 2))), "adam_mode is 2; expected 0 or 1"),
        ["no_trainable"] = (a => a with { Checkpoint = a.Checkpoint with { Trainable = [] } }, "no parameter that is trained"),
    };

    static IEnumerable<string> Names => Cases.Keys;

    [TestCaseSource(nameof(Names))]
    public void Wrong_artifacts_are_refused_when_they_are_read(string name)
    {
        using var folder = new TemporaryFolder();
        var (damage, says) = Cases[name];
        damage(Sound()).Save(folder["artifacts"]);
        Assert.That(() => OrtArtifacts.Load(folder["artifacts"]), Throws.InstanceOf<OrtPeftException>().With.Message.Contains(says).And.Message.Contains(folder["artifacts"]));
    }

    [Test]
    public void Sound_ones_are_not_even_with_a_frozen_parameter_too_many()
    {
        using var folder = new TemporaryFolder();
        (Sound() with { Checkpoint = Sound().Checkpoint with { Frozen = [OnnxTensor.FromInt64s("unused", [1, 2], 2)] } }).Save(folder["artifacts"]);
        Assert.That(OrtArtifacts.Load(folder["artifacts"]).Trainable, Has.Count.EqualTo(6));
    }

    [TestCase("training_model.onnx")]
    [TestCase("eval_model.onnx")]
    [TestCase("optimizer_model.onnx")]
    [TestCase("checkpoint")]
    public void A_missing_or_cut_file_is_named(string file)
    {
        using var folder = new TemporaryFolder();
        Sound().Save(folder["artifacts"]);
        var path = Path.Combine(folder["artifacts"], file);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.That(() => OrtArtifacts.Load(folder["artifacts"]), Throws.InstanceOf<OrtPeftException>().With.Message.Contains(file));
        File.Delete(path);
        Assert.That(() => OrtArtifacts.Load(folder["artifacts"]), Throws.InstanceOf<OrtPeftException>().With.Message.Contains($"it has no {file}"));
    }

    [TestCase("training_model.onnx")]
    [TestCase("eval_model.onnx")]
    public void An_operator_that_the_runtime_does_not_have_is_named(string file)
    {
        using var folder = new TemporaryFolder();
        var artifacts = Sound();
        var model = file == "eval_model.onnx" ? artifacts.EvalModel : artifacts.TrainingModel;
        model.Graph.Nodes.Find(n => n.OpType == "Gemm")!.OpType = "FancyOp";
        artifacts.Save(folder["artifacts"]);
        Assert.That(() => new StockTrainingSession(OrtArtifacts.Load(folder["artifacts"]), new ExecutionOptions { Threads = 1 }), Throws.InstanceOf<OrtPeftException>().With.Message.Contains("FancyOp"));
    }

    [Test]
    public void Damaged_models_are_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        Sound().Save(folder["artifacts"]);
        var random = new Random(3);
        foreach (var file in new[] { "training_model.onnx", "eval_model.onnx", "optimizer_model.onnx" })
        {
            var path = Path.Combine(folder["artifacts"], file);
            var bytes = File.ReadAllBytes(path);
            for (var i = 0; i < 150; i++)
            {
                var (at, bit) = (random.Next(bytes.Length), (byte)(1 << random.Next(8)));
                bytes[at] ^= bit;
                File.WriteAllBytes(path, bytes);
                try
                {
                    ArtifactsHead.Graph(OrtArtifacts.Load(folder["artifacts"]), PoolingKind.Mean, 16, ["a", "b", "c"]);
                }
                catch (OrtPeftException)
                {
                    // Refused, as it should be.
                }
                bytes[at] ^= bit;
            }
            File.WriteAllBytes(path, bytes);
        }
        Assert.That(OrtArtifacts.Load(folder["artifacts"]).Trainable, Has.Count.EqualTo(6));
    }

    static OrtArtifacts Sound()
    {
        var head = RandomHead.Create("mlp");
        return ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, new ArtifactOptimizer());
    }

    static OrtArtifacts Trainable(OrtArtifacts a, Func<IReadOnlyList<OnnxTensor>, IEnumerable<OnnxTensor>> change) =>
        a with { Checkpoint = a.Checkpoint with { Trainable = [.. change(a.Checkpoint.Trainable)] } };

    static OrtArtifacts Parameter(OrtArtifacts a, string name, Func<OnnxTensor, OnnxTensor> change) =>
        Trainable(a, tensors => tensors.Select(t => t.Name == name ? change(t) : t));

    static OrtArtifacts Change(OrtArtifacts a, Action change)
    {
        change();
        return a;
    }

    /// <summary>Takes inputs away, and the accumulator that would read them.</summary>
    static OrtArtifacts Training(OrtArtifacts a, Action<OnnxGraph> change, string parameter) => Change(a, () =>
    {
        var graph = a.TrainingModel.Graph;
        change(graph);
        graph.Nodes.RemoveAll(n => n.OpType == "InPlaceAccumulatorV2" && n.Input(0).StartsWith(parameter, StringComparison.Ordinal));
        graph.Outputs.RemoveAll(o => o.Name.EndsWith("_grad.accumulation.out", StringComparison.Ordinal) && o.Name.StartsWith(parameter, StringComparison.Ordinal));
    });

    static void Bake(OnnxModel model, OnnxTensor tensor)
    {
        model.Graph.Inputs.RemoveAll(i => i.Name == tensor.Name);
        model.Graph.Initializers.Add(tensor);
    }

    static void RenameInput(OnnxModel model, string from, string to) => GraphEdits.Rename(model, from, to);

    static OnnxNode Second(OnnxNode node)
    {
        var copy = node.Copy();
        copy.Outputs[0] = "updated_2";
        return copy;
    }
}
