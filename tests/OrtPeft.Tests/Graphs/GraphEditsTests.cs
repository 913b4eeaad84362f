using NUnit.Framework;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

[TestFixture]
public class GraphEditsTests
{
    static readonly float[] Point = [1f, -2f, 3f, 0.5f];

    /// <summary>y = tanh(x w + b), two rows.</summary>
    static OnnxModel Dense()
    {
        var g = new GraphBuilder(17, "dense");
        var x = g.Input("x", OnnxType.Float, "batch", 2);
        g.Initializer(OnnxTensor.FromFloats("w", [1f, 2f, 3f, 4f], 2, 2));
        g.Initializer(OnnxTensor.FromFloats("b", [0.1f, -0.1f], 2));
        g.Output(g.Tanh(g.Add(g.MatMul(x, "w"), "b")), "y");
        return g.Build();
    }

    [Test]
    public void A_small_table_is_looked_up_before_it_is_converted()
    {
        var g = new GraphBuilder(17, "table");
        g.Initializer(Constants.Of("table", OnnxType.Float16, [1, 2, 3, 4, 0.1, 6], 3, 2));
        var rows = g.Gather(g.Cast("table", OnnxType.Float), g.Input("x", OnnxType.Int64, "batch", 2));
        g.Output(g.Tanh(rows), "y");
        var (model, edited) = (g.Build(), g.Build().Copy());
        SmallTables.Apply(edited);
        var feeds = new Dictionary<string, TestTensor> { ["x"] = TestTensor.Of([2, 0, 1, 2], 2, 2) };
        Assert.That(edited.Graph.Nodes.Select(n => n.OpType), Is.EqualTo(new[] { "Gather", "Cast", "Tanh", "Identity" }));
        Assert.That(OrtRunner.Run(edited, feeds)["y"].Values(), Is.EqualTo(OrtRunner.Run(model, feeds)["y"].Values()));
    }

    static double[] Run(OnnxModel model, string output = "y", Dictionary<string, TestTensor>? more = null)
    {
        var feeds = new Dictionary<string, TestTensor>(more ?? []) { ["x"] = TestTensor.Of(Point, 2, 2) };
        return OrtRunner.Run(model, feeds)[output].Values();
    }

    [Test]
    public void Insert_after_gives_every_reader_the_new_tensor()
    {
        var model = Dense();
        var result = GraphEdits.InsertAfter(model, "MatMul_1", (g, t) => g.Mul(t, 0));
        Assert.That(result.Count, Is.EqualTo(1), result.Explanation);
        Assert.That(Run(model), Is.EqualTo(new[] { 0.1, -0.1, 0.1, -0.1 }.Select(Math.Tanh)).Within(1e-6));
    }

    [Test]
    public void Insert_after_an_output_keeps_its_name()
    {
        var model = Dense();
        var before = Run(model);
        var result = GraphEdits.InsertAfter(model, "y", (g, t) => g.Mul(t, 2));
        Assert.That(result.Applied, result.Explanation);
        Assert.That(Run(model), Is.EqualTo(before.Select(v => 2 * v)).Within(1e-6));
    }

    [Test]
    public void Insert_after_says_why_it_does_not_apply() =>
        Assert.That(GraphEdits.InsertAfter(Dense(), "nowhere", (g, t) => t), Is.EqualTo(new EditResult(0, "Nothing reads 'nowhere'.")));

    [Test]
    public void A_constant_becomes_an_input()
    {
        var model = Dense();
        Assert.That(GraphEdits.PromoteToInput(model, "b").Applied);
        var bias = new Dictionary<string, TestTensor> { ["b"] = TestTensor.Of([0.1f, -0.1f], 2) };
        Assert.That(Run(model, more: bias), Is.EqualTo(Run(Dense())));
        Assert.That(model.Graph.Inputs[1].ToString(), Is.EqualTo("b: float[2]"));
        Assert.That(GraphEdits.PromoteToInput(model, "x").Explanation, Does.Contain("neither an initializer"));
    }

    [Test]
    public void An_input_is_replaced_at_one_node_only()
    {
        var model = Dense();
        var add = model.Graph.Nodes.Single(n => n.OpType == "Add");
        Assert.That(GraphEdits.ReplaceInput(add, 1, "x").Count, Is.EqualTo(1));
        Assert.That(add.Inputs, Is.EqualTo(new[] { "MatMul_1", "x" }));
        Assert.That(GraphEdits.ReplaceInput(add, 5, "x").Explanation, Does.Contain("there is no input 5"));
    }

    [Test]
    public void Renaming_reaches_every_place_and_refuses_a_taken_name()
    {
        var model = Dense();
        Assert.That(GraphEdits.Rename(model, "w", "x").Explanation, Is.EqualTo("The name 'x' is taken."));
        Assert.That(GraphEdits.Rename(model, "w", "weight").Count, Is.EqualTo(2));
        Assert.That(Run(model), Is.EqualTo(Run(Dense())));
    }

    [Test]
    public void What_no_output_needs_is_removed()
    {
        var g = GraphBuilder.Edit(Dense());
        g.Exp(g.Mul("x", g.Constant([5f, 6f], 2)));
        Assert.That(GraphEdits.RemoveDead(g.Build()), Is.EqualTo(new EditResult(3, "2 nodes and 1 constants were removed.")));
        Assert.That(StructuralEquality.Difference(g.Build(), Dense()), Is.Null);
    }

    [Test]
    public void Prefix_and_suffix_compute_together_what_the_whole_computes()
    {
        var model = Dense();
        var prefix = GraphCut.Prefix(model, ["MatMul_1"]);
        var suffix = GraphCut.Suffix(model, ["MatMul_1"]);
        Assert.That(prefix.Graph.Nodes.Select(n => n.OpType), Is.EqualTo(new[] { "MatMul" }));
        Assert.That(suffix.Graph.Inputs.Select(i => i.ToString()), Is.EqualTo(new[] { "MatMul_1: float[batch, 2]" }));
        var features = OrtRunner.Run(prefix, new Dictionary<string, TestTensor> { ["x"] = TestTensor.Of(Point, 2, 2) });
        Assert.That(OrtRunner.Run(suffix, features)["y"].Values(), Is.EqualTo(Run(model)));
        Assert.That(() => GraphCut.Prefix(model, ["nowhere"]), Throws.TypeOf<OnnxException>().With.Message.Contains("no tensor 'nowhere'"));
    }

    [Test]
    public void Every_backbone_export_can_be_cut_at_its_first_hidden_state([Values("bert", "t5-encoder", "vit")] string name)
    {
        var fixture = BackboneFixture.Load(name);
        foreach (var export in fixture.Exports)
        {
            var model = fixture.Model(export);
            var site = fixture.Sites.GetProperty(export).GetProperty("tensors").GetProperty("hidden_1").GetString()!;
            var suffix = GraphCut.Between(model, [site], ["last_hidden_state"]);
            var feeds = fixture.Inputs;
            foreach (var (output, value) in OrtRunner.Run(GraphCut.Prefix(model, [site]), feeds))
                feeds[output] = value;
            Assert.That(OrtRunner.Run(suffix, feeds)["last_hidden_state"].Values(),
                Is.EqualTo(OrtRunner.Run(model, feeds)["last_hidden_state"].Values()).Within(1e-5), export);
        }
    }

    [Test]
    public void Merged_models_compute_one_after_the_other()
    {
        var model = Dense();
        var names = GraphMerge.Append(model, Dense(), new Dictionary<string, string> { ["x"] = "y" });
        var once = OrtRunner.Run(Dense(), new Dictionary<string, TestTensor> { ["x"] = TestTensor.Of(Point, 2, 2) })["y"];
        var twice = OrtRunner.Run(Dense(), new Dictionary<string, TestTensor> { ["x"] = once })["y"];
        Assert.That(names["y"], Is.EqualTo("y_2"));
        Assert.That(Run(model, "y_2"), Is.EqualTo(twice.Values()).Within(1e-6));
    }

    [Test]
    public void Merging_refuses_different_operator_sets() =>
        Assert.That(() => GraphMerge.Append(new GraphBuilder(13).Build(), Dense(), new Dictionary<string, string>()),
            Throws.TypeOf<OnnxException>().With.Message.Contains("13 and 17"));

    [Test]
    public void Shape_arithmetic_is_folded()
    {
        var fixture = BackboneFixture.Load("bert");
        var model = fixture.Model("legacy-opset14.onnx");
        var result = ConstantFolding.Apply(model);
        Assert.That(result.Count, Is.GreaterThan(100), result.Explanation);
        Assert.That(model.Graph.Nodes.Exists(n => n.OpType == "Constant"), Is.False);
        Assert.That(OrtRunner.Run(model, fixture.Inputs)["last_hidden_state"].Values(),
            Is.EqualTo(OrtRunner.Run(fixture.Bytes("legacy-opset14.onnx"), fixture.Inputs)["last_hidden_state"].Values()).Within(1e-5));
    }

    [Test]
    public void Structural_equality_ignores_inner_names_and_sees_constants()
    {
        var renamed = Dense();
        GraphEdits.Rename(renamed, "MatMul_1", "product");
        Assert.That(StructuralEquality.Difference(Dense(), renamed), Is.Null);
        renamed.Graph.Initializers[0] = OnnxTensor.FromFloats("w", [1f, 2f, 3f, 5f], 2, 2);
        Assert.That(StructuralEquality.Difference(Dense(), renamed), Does.Contain("reads 'w'"));
    }

    [Test]
    public void Raising_the_opset_keeps_the_results_and_lets_layer_normalization_fuse()
    {
        var fixture = BackboneFixture.Load("bert");
        var model = fixture.Model("legacy-opset14.onnx");
        Assert.That(OpsetUpgrade.ToLayerNormalization(model).Applied);
        var raised = OrtRunner.Run(model, fixture.Inputs)["last_hidden_state"].Values();
        var graph = GraphBuilder.Edit(model);
        OrtPeft.Gradients.GradientBuilder.AddGradients(graph, graph.ReduceSum("last_hidden_state", keepDims: false), ["embeddings.word_embeddings.weight"]);
        Assert.That(model.Graph.Nodes.Count(n => n.OpType == "LayerNormalization"), Is.EqualTo(7));
        Assert.That(model.Graph.Nodes.Count(n => n.OpType == "Gelu"), Is.EqualTo(3));
        Assert.That(OrtRunner.Run(model, fixture.Inputs)["last_hidden_state"].Values(), Is.EqualTo(raised).Within(1e-5));
        Assert.That(OpsetUpgrade.ToLayerNormalization(model).Explanation, Does.Contain("opset 17"));
    }

    [Test]
    public void Nodes_are_sorted_and_a_cycle_is_named()
    {
        var model = Dense();
        model.Graph.Nodes.Reverse();
        GraphEdits.Sort(model);
        Assert.That(model.Graph.Nodes.Select(n => n.OpType), Is.EqualTo(new[] { "MatMul", "Add", "Tanh", "Identity" }));
        model.Graph.Nodes[0].Inputs[0] = "y";
        Assert.That(() => GraphEdits.Sort(model), Throws.TypeOf<OnnxException>().With.Message.Contains("cycle"));
    }
}
