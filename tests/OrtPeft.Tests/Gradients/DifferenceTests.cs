using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>Rules without an operator case, against central differences in float32.</summary>
[TestFixture]
public class DifferenceTests
{
    const string Ms = "com.microsoft.";

    static readonly Dictionary<string, (int Opset, Func<GraphBuilder, string, string> Build)> Operators = new()
    {
        ["HardSigmoid"] = (17, (g, x) => g.Node("HardSigmoid", [x])),
        ["Mean"] = (17, (g, x) => g.Node("Mean", [x, g.Sin(x), g.Constant(1f)])),
        ["Sum"] = (17, (g, x) => g.Node("Sum", [x, g.Sin(x), x])),
        ["ReduceL1"] = (17, (g, x) => g.Node("ReduceL1", [x], new OnnxAttribute("axes", [2]))),
        ["ReduceMin"] = (17, (g, x) => g.Node("ReduceMin", [x], new OnnxAttribute("axes", [1]), new OnnxAttribute("keepdims", 0))),
        ["ReduceSumSquare"] = (17, (g, x) => g.Node("ReduceSumSquare", [x], new OnnxAttribute("axes", [0, 2]))),
        ["ReduceLogSumExp"] = (17, (g, x) => g.Node("ReduceLogSumExp", [x], new OnnxAttribute("axes", [2]), new OnnxAttribute("keepdims", 0))),
        ["Floor"] = (17, (g, x) => g.Mul(g.Node("Floor", [x]), x)),
        ["CastLike"] = (17, (g, x) => g.Node("CastLike", [x, g.Constant(1f)])),
        ["Gelu"] = (17, (g, x) => g.Gelu(x, GeluForm.Fused)),
        ["FastGelu"] = (17, (g, x) => g.Node(Ms + "FastGelu", [x, Weights(g, 8)])),
        ["BiasGelu"] = (17, (g, x) => g.Node(Ms + "BiasGelu", [x, Weights(g, 8)])),
        ["QuickGelu"] = (17, (g, x) => g.Node(Ms + "QuickGelu", [x])),
        ["FusedMatMul"] = (17, (g, x) => g.Node(Ms + "FusedMatMul", [x, g.Sin(x)], new OnnxAttribute("transB", 1), new OnnxAttribute("alpha", 0.5f))),
        ["FusedGemm"] = (17, (g, x) => g.Node(Ms + "FusedGemm", [g.Reshape(x, -1, 8), Weights(g, 8, 3), Weights(g, 3)], new OnnxAttribute("activation", "Tanh"))),
        ["SkipLayerNormalization"] = (17, (g, x) => g.Node(Ms + "SkipLayerNormalization", [x, g.Sin(x), Weights(g, 8), Weights(g, 8), Weights(g, 8)])),
        ["SkipSimplifiedLayerNormalization"] = (17, (g, x) => g.Node(Ms + "SkipSimplifiedLayerNormalization", [x, g.Sin(x), Weights(g, 8)])),
        ["SimplifiedLayerNormalization"] = (17, (g, x) => g.Node("SimplifiedLayerNormalization", [x, Weights(g, 8)], new OnnxAttribute("axis", -1))),
        ["Attention with lengths"] = (17, (g, x) => Attention(g, x, g.Constant(OnnxTensor.FromBytes("", OnnxType.Int32, new byte[] { 3, 0, 0, 0, 2, 0, 0, 0 }, 2)))),
        ["Attention with mask"] = (17, (g, x) => Attention(g, x, g.Cast(g.Constant([1L, 1, 0, 1, 1, 1], 2, 3), OnnxType.Int32))),
        ["Attention one-directional"] = (17, (g, x) => Attention(g, x, "", new OnnxAttribute("unidirectional", 1))),
        ["MultiHeadAttention"] = (17, (g, x) => g.Node(Ms + "MultiHeadAttention", [x, g.Sin(x), g.Cos(x), Weights(g, 24)], new OnnxAttribute("num_heads", 2))),
        ["Gather scattered before opset 16"] = (13, (g, x) => g.Gather(x, g.Constant([2L, 0, 2, -1], 2, 2), 1)),
        ["Gather of one row in opset 9"] = (9, (g, x) => g.Gather(x, g.Constant(-1L), 1)),
        ["Slice in opset 9"] = (9, (g, x) => g.Node("Slice", [x], new OnnxAttribute("axes", [1, 2]), new OnnxAttribute("starts", [1, -3]), new OnnxAttribute("ends", [3, 8]))),
        ["Slice in opset 8"] = (8, (g, x) => g.Node("Slice", [x], new OnnxAttribute("starts", [0, 1]), new OnnxAttribute("ends", [1, -1]))),
        ["Slice in opset 10"] = (10, (g, x) => g.Node("Slice", [x, g.Vector(2), g.Vector(100), g.Vector(2)])),
        ["Slice by steps"] = (17, (g, x) => g.Slice(x, 2, 6, 0, -2)),
        ["Slice from behind"] = (17, (g, x) => g.Slice(x, 2, -3, long.MaxValue)),
        ["Attention of opset 23 with past"] = (23, (g, x) => g.Nodes("Attention", 3, [x, x, x, "", g.Constant([.. Enumerable.Repeat(0.5f, 32)], 2, 2, 2, 4), g.Constant([.. Enumerable.Repeat(0.2f, 32)], 2, 2, 2, 4)],
            new OnnxAttribute("q_num_heads", 2), new OnnxAttribute("kv_num_heads", 2), new OnnxAttribute("is_causal", 1))[0]),
    };

    static IEnumerable<string> Names => Operators.Keys;

    [Test]
    public void A_gradient_agrees_with_differences([ValueSource(nameof(Names))] string name)
    {
        var (opset, build) = Operators[name];
        var graph = new GraphBuilder(opset);
        var x = graph.Input("x", OnnxType.Float, 2, 3, 8);
        var forward = new GraphBuilder(opset);
        forward.Output(Loss(forward, build(forward, forward.Input("x", OnnxType.Float, 2, 3, 8))), "loss");
        graph.Output(GradientBuilder.AddGradients(graph, Loss(graph, build(graph, x)), [x])[x], "gradient");

        var random = new Random(3);
        var point = Draw(random);
        var gradient = OrtRunner.Run(graph.Build(), Feed(point))["gradient"].Values();
        var bytes = forward.Build().ToBytes();
        for (var trial = 0; trial < 4; trial++)
        {
            var direction = Draw(random);
            double At(float step) => OrtRunner.Run(bytes, Feed([.. point.Zip(direction, (p, d) => p + step * d)]))["loss"].Values()[0];
            var expected = (At(5e-3f) - At(-5e-3f)) / 1e-2;
            Assert.That(direction.Zip(gradient, (d, v) => d * v).Sum(), Is.EqualTo(expected).Within(5e-3 * (1 + Math.Abs(expected))));
        }
    }

    static string Loss(GraphBuilder g, string y) => g.ReduceSum(g.Sin(y), keepDims: false);

    static string Attention(GraphBuilder g, string x, string mask, params OnnxAttribute[] more) =>
        g.Node(Ms + "Attention", [x, Weights(g, 8, 24), Weights(g, 24), mask], [new OnnxAttribute("num_heads", 2), .. more]);

    static string Weights(GraphBuilder g, params long[] dims)
    {
        var random = new Random((int)dims.Sum());
        return g.Constant([.. Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle() - 0.4f)], dims);
    }

    /// <summary>Points away from the kinks at whole numbers.</summary>
    static float[] Draw(Random random) => [.. Enumerable.Range(0, 48).Select(_ => (random.Next(2) == 0 ? -1 : 1) * (0.1f + 0.8f * random.NextSingle()))];

    static Dictionary<string, TestTensor> Feed(float[] values) => new() { ["x"] = TestTensor.Of(values, 2, 3, 8) };
}
