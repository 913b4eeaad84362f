using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

sealed class GradientCoverageTests
{
    [Test]
    public void An_encoder_has_a_gradient_everywhere() => Assert.That(GradientCoverage.Missing(Tiny.Backbone().Model), Is.Empty);

    [Test]
    public void An_operator_without_a_rule_is_found_where_it_stands_and_not_among_shapes()
    {
        var g = new GraphBuilder(17);
        var x = g.Input("x", OnnxType.Float, "batch", 4);
        var det = g.Node("Det", [g.Input("square", OnnxType.Float, 3, 3)]);
        g.Output(g.Add(g.Relu(x), det));
        g.Output(g.Shape(x));
        Assert.That(GradientCoverage.Missing(g.Build()).Select(n => n.OpType), Is.EqualTo(new[] { "Det" }));
    }
}
