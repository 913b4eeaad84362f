using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>Spelled-out operators become one operator before differentiation, with the same values and gradients.</summary>
[TestFixture]
public class FusingTests
{
    static string GeluLegacy(GraphBuilder g, string x) => g.Mul(g.Mul(x, g.Add(g.Erf(g.Div(x, g.Constant(1.4142135f))), 1)), 0.5);

    static string GeluHalfFirst(GraphBuilder g, string x) => g.Mul(g.Mul(x, 0.5), g.Add(g.Scalar(1, x), g.Erf(g.Mul(x, Math.Sqrt(0.5)))));

    static string GeluTanhPow(GraphBuilder g, string x) => g.Mul(g.Mul(x, 0.5), g.Add(g.Tanh(
        g.Mul(g.Add(x, g.Mul(g.Pow(x, g.Constant(3f)), 0.044715)), Math.Sqrt(2 / Math.PI))), 1));

    static string GeluTanhSquare(GraphBuilder g, string x) => g.Mul(g.Mul(x, g.Add(g.Tanh(
        g.Mul(g.Mul(x, Math.Sqrt(2 / Math.PI)), g.Add(g.Mul(g.Mul(x, x), 0.044715), 1))), 1)), 0.5);

    static string LayerNorm(GraphBuilder g, string x)
    {
        var centered = g.Sub(x, g.ReduceMean(x, -1));
        var deviation = g.Sqrt(g.Add(g.ReduceMean(g.Pow(centered, g.Constant(2f)), -1), 1e-5));
        return g.Add(g.Mul(g.Div(centered, deviation), g.Constant([1f, 2f, 3f, 4f], 4)), g.Constant([0f, 1f, 0f, 1f], 4));
    }

    static string RmsNorm(GraphBuilder g, string x) =>
        g.Mul(g.Mul(x, g.Reciprocal(g.Sqrt(g.Add(g.ReduceMean(g.Mul(x, x), -1), 1e-5)))), g.Constant([1f, 2f, 3f, 4f], 4));

    static readonly Dictionary<string, (Func<GraphBuilder, string, string> Build, int Opset, string Fused)> Patterns = new()
    {
        ["GELU as legacy exports write it"] = (GeluLegacy, 17, "com.microsoft.Gelu"),
        ["GELU with the half first"] = (GeluHalfFirst, 20, "Gelu"),
        ["GELU tanh with Pow"] = (GeluTanhPow, 17, "com.microsoft.FastGelu"),
        ["GELU tanh with products"] = (GeluTanhSquare, 20, "Gelu"),
        ["LayerNormalization"] = (LayerNorm, 17, "LayerNormalization"),
        ["RMSNormalization"] = (RmsNorm, 23, "RMSNormalization"),
    };

    [Test]
    public void A_pattern_becomes_one_operator([ValueSource(nameof(Names))] string name)
    {
        var (build, opset, fused) = Patterns[name];
        var model = Differentiated(build, opset, keep: null);
        var forward = model.Graph.Nodes.TakeWhile(n => n.OpType != "ReduceSum").ToList();
        Assert.That(forward.Select(n => n.Key), Is.EqualTo(new[] { fused, "Sin" }));
        Compare(model, build, opset);
    }

    [Test]
    public void A_tensor_that_is_needed_elsewhere_is_not_fused_away()
    {
        var model = Differentiated(GeluLegacy, 17, keep: "Erf_1");
        Assert.That(model.Graph.Nodes.Select(n => n.OpType), Has.Some.EqualTo("Erf").And.None.EqualTo("Gelu"));
    }

    static IEnumerable<string> Names => Patterns.Keys;

    /// <summary>The fused graph's gradient against differences of the spelled-out one's loss.</summary>
    static void Compare(OnnxModel model, Func<GraphBuilder, string, string> build, int opset)
    {
        var plain = new GraphBuilder(opset);
        plain.Output(Loss(plain, build), "loss");
        float[] point = [-1.3f, 0.2f, 0.9f, 2.1f, 0.4f, -0.6f, 1.7f, -0.1f];
        var found = OrtRunner.Run(model, Feed(point));
        Assert.That(found["loss"].Values()[0], Is.EqualTo(OrtRunner.Run(plain.Build(), Feed(point))["loss"].Values()[0]).Within(1e-5));
        var gradient = found["gradient"].Values();
        for (var i = 0; i < point.Length; i++)
        {
            double At(float step)
            {
                var moved = (float[])point.Clone();
                moved[i] += step;
                return OrtRunner.Run(plain.Build(), Feed(moved))["loss"].Values()[0];
            }
            Assert.That(gradient[i], Is.EqualTo((At(1e-2f) - At(-1e-2f)) / 2e-2).Within(5e-3), $"element {i}");
        }
    }

    static OnnxModel Differentiated(Func<GraphBuilder, string, string> build, int opset, string? keep)
    {
        var graph = new GraphBuilder(opset);
        var loss = Loss(graph, build);
        if (keep is not null)
            graph.Output(keep);
        var gradient = GradientBuilder.AddGradients(graph, loss, ["x"])["x"];
        graph.Output(loss, "loss");
        graph.Output(gradient, "gradient");
        return graph.Build();
    }

    static string Loss(GraphBuilder graph, Func<GraphBuilder, string, string> build) =>
        graph.ReduceSum(graph.Sin(build(graph, graph.Input("x", OnnxType.Float, "rows", 4))), keepDims: false);

    static Dictionary<string, TestTensor> Feed(float[] values) => new() { ["x"] = TestTensor.Of(values, 2, 4) };
}
