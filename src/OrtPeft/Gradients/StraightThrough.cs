using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Quantized products in the frozen part of a model. Rounding has no useful gradient, so the gradient passes as if the activation had
/// not been quantized: dX = dY W^T with the de-quantized weight W = (integers - zero point) * scale.
/// </summary>
static class StraightThrough
{
    /// <summary>The operator a quantized product is seen as while differentiating: inputs X, weight, scale, zero point.</summary>
    internal const string Product = "quantized.MatMul";

    /// <summary>The nodes of a graph, with quantized products and pairs of quantizing and de-quantizing seen as one node each.</summary>
    internal static List<OnnxNode> View(OnnxGraph graph)
    {
        if (!graph.Nodes.Exists(n => n.OpType is "DynamicQuantizeLinear" or "QuantizeLinear"))
            return graph.Nodes;
        var index = new GraphIndex(graph);
        return [.. graph.Nodes.Select(n => Seen(n, index))];
    }

    /// <summary>Whether the integers a node writes carry what it reads, so that a gradient must not be lost there unnoticed.</summary>
    internal static bool Quantizes(OnnxNode node) =>
        node.OpType.Contains("Quantize", StringComparison.Ordinal) || node.OpType.Contains("Integer", StringComparison.Ordinal)
        || node.OpType.StartsWith("QLinear", StringComparison.Ordinal);

    /// <summary>Y = X W with W de-quantized. dX = dY W^T.</summary>
    internal static void Build(GradientScope g)
    {
        var dY = g.OutputGradient(0);
        var weight = g.Cast(g.Input(1), g.TypeOf(dY));
        if (g.HasInput(3))
            weight = g.Sub(weight, g.Cast(g.Input(3), g.TypeOf(dY)));
        g.InputGradient(0, g.MatMul(dY, g.SwapLastTwo(g.Mul(weight, g.Input(2)))));
    }

    /// <summary>com.microsoft.DynamicQuantizeMatMul: X, weight, scale, zero point, bias.</summary>
    internal static void BuildWithBias(GradientScope g)
    {
        Build(g);
        g.InputGradient(4, g.OutputGradient(0));
    }

    static OnnxNode Seen(OnnxNode node, GraphIndex index) => node.Key switch
    {
        "Mul" => Scaled(node, index) ?? node,
        "DequantizeLinear" when index.Producer(node.Input(0)) is { OpType: "QuantizeLinear" } q =>
            new OnnxNode("Identity", [q.Input(0)], node.Outputs, node.Name),
        "com.microsoft.MatMulIntegerToFloat" when index.Producer(node.Input(0)) is { OpType: "DynamicQuantizeLinear" } q =>
            new OnnxNode("DynamicQuantizeMatMul", [q.Input(0), node.Input(1), node.Input(3), node.Input(5), node.Input(6)], node.Outputs,
                node.Name, "com.microsoft"),
        _ => node,
    };

    /// <summary>Cast(MatMulInteger(quantized X, W)) * (scale of X * scale of W).</summary>
    static OnnxNode? Scaled(OnnxNode node, GraphIndex index)
    {
        for (var i = 0; i < 2; i++)
        {
            if (index.Producer(node.Input(i)) is not { OpType: "Cast" } cast
                || index.Producer(cast.Input(0)) is not { OpType: "MatMulInteger" } product
                || index.Producer(product.Input(0)) is not { OpType: "DynamicQuantizeLinear" } quantize
                || index.Producer(node.Input(1 - i)) is not { OpType: "Mul" } scales)
                continue;
            var weightScale = scales.Inputs.Find(s => s != quantize.Output(1));
            if (weightScale is not null && scales.Inputs.Contains(quantize.Output(1)))
            {
                return new OnnxNode("MatMul", [quantize.Input(0), product.Input(1), weightScale, product.Input(3)], node.Outputs,
                    node.Name, "quantized");
            }
        }
        return null;
    }
}
