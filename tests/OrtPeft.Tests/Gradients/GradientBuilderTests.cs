using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>What the driver promises, whatever the operators: targets of all kinds, zeros, opaque parts, errors, quantized products.</summary>
[TestFixture]
public class GradientBuilderTests
{
    [Test]
    public void Inputs_initializers_and_inner_tensors_are_targets_and_uses_are_summed()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, "n");
        var w = g.Initializer(OnnxTensor.FromFloats("w", [2f, 3f], 2));
        var inner = g.Mul(x, w);
        var loss = g.ReduceSum(g.Mul(inner, g.Add(x, w)), keepDims: false);
        var found = Run(g, loss, [x, w, inner], new() { ["x"] = TestTensor.Of([5f, 7f], 2) });
        // x w (x + w): d/dx = 2 x w + w^2, d/dw = x^2 + 2 x w, d/d(x w) = x + w
        Assert.That(found[x], Is.EqualTo(new[] { 24.0, 51.0 }));
        Assert.That(found[w], Is.EqualTo(new[] { 45.0, 91.0 }));
        Assert.That(found[inner], Is.EqualTo(new[] { 7.0, 10.0 }));
    }

    [Test]
    public void A_target_without_influence_gets_zeros_of_its_shape()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, "n");
        var other = g.Input("other", OnnxType.Float, 2, 3);
        var found = Run(g, g.ReduceSum(x, keepDims: false), [x, other], new() { ["x"] = TestTensor.Of([1f], 1), ["other"] = TestTensor.Of(new float[6], 2, 3) });
        Assert.That(found[other], Is.EqualTo(new double[6]));
    }

    [Test]
    public void A_parameter_broadcast_over_named_dimensions_is_summed_without_computing_shapes()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, "batch", "sequence", 4);
        var bias = g.Input("bias", OnnxType.Float, 4);
        var before = g.Build().Graph.Nodes.Count;
        var gradient = GradientBuilder.AddGradients(g, g.ReduceSum(g.Tanh(g.Add(x, bias)), keepDims: false), [bias])[bias];
        Assert.That(g.ShapeOf(gradient), Is.EqualTo(new Dim[] { 4 }));
        Assert.That(g.Build().Graph.Nodes.Skip(before).Select(n => n.OpType), Has.None.EqualTo("Concat").And.None.EqualTo("Gather"));
    }

    [Test]
    public void Masks_of_infinity_and_large_numbers_give_no_NaN([Values(float.NegativeInfinity, -1e30f, -10000f)] float masked)
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, 2, 3);
        var keep = g.Input("keep", OnnxType.Bool, 2, 3);
        var scores = g.Where(keep, x, g.Constant(masked));
        var loss = g.ReduceSum(g.Mul(g.Softmax(scores), g.Constant([1f, 2f, 3f], 3)), keepDims: false);
        var found = Run(g, loss, [x], new()
        {
            ["x"] = TestTensor.Of([1f, 2f, 3f, 4f, 5f, 6f], 2, 3),
            ["keep"] = TestTensor.Of([true, true, false, false, true, true], 2, 3),
        })[x];
        Assert.That(found, Has.All.Not.NaN);
        Assert.That((found[2], found[3]), Is.EqualTo((0.0, 0.0)));
        Assert.That(found[1], Is.EqualTo(0.19661).Within(1e-4));
    }

    [Test]
    public void What_lies_outside_the_path_may_be_anything()
    {
        var model = OnnxModel.FromBytes(RawModel.Model(
            [RawModel.Node("Mystery", ["x"], ["m"], "com.example"), RawModel.Node("Mul", ["m", "w"], ["p"]), RawModel.Node("ReduceSum", ["p"], ["y"]),
            RawModel.Tensor("w", [3]), RawModel.Value(11, "x", 3), RawModel.Value(12, "y", 1), RawModel.Value(13, "m", 3)]));
        Assert.That(GradientBuilder.AddGradients(model, "y", ["w"]), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_missing_rule_names_operator_node_and_path_and_changes_nothing()
    {
        var g = new GraphBuilder();
        var w = g.Input("w", OnnxType.Float, 3);
        var loss = g.ReduceSum(g.Node("Tan", [g.Exp(w)]), keepDims: false);
        var nodes = g.Build().Graph.Nodes.Count;
        Assert.That(() => GradientBuilder.AddGradients(g, loss, [w]), Throws.TypeOf<OnnxException>()
            .With.Message.Contains("operator Tan (node Tan 'Tan_1')").And.Message.Contains("'w' -> Exp 'Exp_1' -> Tan 'Tan_1'"));
        Assert.That(g.Build().Graph.Nodes, Has.Count.EqualTo(nodes));
    }

    [Test]
    public void A_loss_of_several_elements_and_an_integer_target_are_refused()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, 3);
        var ids = g.Input("ids", OnnxType.Int64, 3);
        Assert.That(() => GradientBuilder.AddGradients(g, g.Exp(x), [x]), Throws.TypeOf<OnnxException>().With.Message.Contains("more than one element"));
        Assert.That(() => GradientBuilder.AddGradients(g, g.ReduceSum(x), [ids]), Throws.TypeOf<OnnxException>().With.Message.Contains("int64"));
    }

    [Test]
    public void The_gradient_passes_a_quantized_product_through_its_dequantized_weight()
    {
        var c = OperatorCase.All.Single(x => x.Name == "dynamic_quantized_linear");
        var g = GraphBuilder.Edit(c.Model);
        var output = g.Build().Graph.Outputs[0].Name;
        var input = g.Build().Graph.Inputs[0].Name;
        var tensors = c.Tensors;
        var gradient = GradientBuilder.AddGradients(g, g.ReduceSum(output, keepDims: false), [input])[input];
        g.Output(gradient, "gradient");
        var product = c.Model.Graph.Nodes.Single(n => n.OpType == "MatMulInteger");
        var weight = c.Model.Graph.Initializer(product.Inputs[1])!;
        var zero = product.Input(3).Length > 0 ? c.Model.Graph.Initializer(product.Input(3))!.ToInt64s()[0] : 0;
        var scales = c.Model.Graph.Nodes.First(n => n.OpType == "Mul");
        var scale = scales.Inputs.Select(c.Model.Graph.Initializer).OfType<OnnxTensor>().Single().ToFloats()[0];
        var rows = weight.ToInt64s().Chunk((int)weight.Dims[1]).Select(r => r.Sum(v => (v - zero) * scale)).ToArray();
        var feeds = tensors.Where(t => t.Key.StartsWith("in/", StringComparison.Ordinal)).ToDictionary(t => t.Key[3..], t => t.Value);
        var found = OrtRunner.Run(g.Build(), feeds)["gradient"].Values();
        for (var i = 0; i < found.Length; i++)
            Assert.That(found[i], Is.EqualTo(rows[i % rows.Length]).Within(1e-5));
    }

    [Test]
    public void No_gradient_is_lost_in_an_unknown_quantized_operator()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, 2, 3);
        var quantized = g.Nodes("DynamicQuantizeLinear", 3, [x]);
        var loss = g.ReduceSum(g.Cast(quantized[0], OnnxType.Float), keepDims: false);
        Assert.That(() => GradientBuilder.AddGradients(g, loss, [x]), Throws.TypeOf<OnnxException>().With.Message.Contains("DynamicQuantizeLinear"));
    }

    static Dictionary<string, double[]> Run(GraphBuilder g, string loss, string[] targets, Dictionary<string, TestTensor> feeds)
    {
        var gradients = GradientBuilder.AddGradients(g, loss, targets);
        foreach (var target in targets)
            g.Output(gradients[target], "gradient of " + target);
        var found = OrtRunner.Run(g.Build(), feeds);
        return targets.ToDictionary(t => t, t => found["gradient of " + t].Values());
    }
}
