using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Finds linear layers: products by a constant matrix, with the bias that is added to them.</summary>
static class LinearRecogniser
{
    /// <summary>The linear layer whose product <paramref name="node"/> computes; null when it computes none.</summary>
    internal static LinearSite? Find(EncoderGraph g, OnnxNode node) => node.Key switch
    {
        "MatMul" => Product(g, node, node.Output(0), node.Input(0)),
        "com.microsoft.FusedMatMul" when IsPlain(node) => Product(g, node, node.Output(0), node.Input(0), node.Int("transB", 0) != 0),
        "Gemm" when IsPlain(node) => Complete(g, node, bias: 2, node.Output(0)),
        "com.microsoft.FusedGemm" when IsPlain(node) => Complete(g, node, bias: 2, null),
        "MatMulInteger" => Integers(g, node),
        "com.microsoft.DynamicQuantizeMatMul" => Complete(g, node, bias: 4, node.Output(0)),
        "com.microsoft.MatMulIntegerToFloat" => Complete(g, node, bias: 6, node.Output(0)),
        _ => null,
    };

    /// <summary>A layer of an operator that computes several at once: query, key and value of fused attention.</summary>
    internal static LinearSite? Packed(EncoderGraph g, OnnxNode node) =>
        Weight(g, node, isTransposed: false) is var (weight, layout, inWidth, outWidth)
            ? new LinearSite(node, weight, layout, g.Parameter(node, 2), node.Input(0), null, null, inWidth, outWidth) { FusedInto = node.Key } : null;

    /// <summary>Whether a product is of x itself and unscaled.</summary>
    static bool IsPlain(OnnxNode node) => node.Int("transA", 0) == 0 && node.Float("alpha", 1) == 1 && node.Float("beta", 1) == 1;

    static LinearSite? Product(EncoderGraph g, OnnxNode node, string product, string input, bool isTransposed = false)
    {
        if (Weight(g, node, isTransposed) is not var (weight, layout, inWidth, outWidth))
            return null;
        var site = new LinearSite(node, weight, layout, null, input, product, product, inWidth, outWidth);
        return g.Index.Consumers(product) is [var use] ? WithBias(g, site, use) : site;
    }

    /// <summary>An operator that adds the bias itself, or is followed by an Add.</summary>
    static LinearSite? Complete(EncoderGraph g, OnnxNode node, int bias, string? output)
    {
        if (Weight(g, node, node.Int("transB", 0) != 0) is not var (weight, layout, inWidth, outWidth))
            return null;
        var input = g.Producer(node.Input(0)) is { OpType: "DynamicQuantizeLinear" } quantized ? quantized.Input(0) : node.Input(0);
        if (output is not null && node.Input(bias).Length == 0)
            return Product(g, node, output, input, node.Int("transB", 0) != 0);
        return new LinearSite(node, weight, layout, g.Parameter(node, bias), input, null, output, inWidth, outWidth) { FusedInto = output is null ? node.Key : null };
    }

    /// <summary>Cast(MatMulInteger(x, W)) * (scale of x * scale of W), x quantized by DynamicQuantizeLinear.</summary>
    static LinearSite? Integers(EncoderGraph g, OnnxNode node) =>
        g.Producer(node.Input(0)) is { OpType: "DynamicQuantizeLinear" } quantized
        && g.Index.Consumers(node.Output(0)) is [{ Node: { OpType: "Cast" } cast }]
        && g.Index.Consumers(cast.Output(0)) is [{ Node: { Key: "Mul" } scaled }]
            ? Product(g, node, scaled.Output(0), quantized.Input(0)) : null;

    static (ParameterSite Weight, WeightLayout Layout, int In, int Out)? Weight(EncoderGraph g, OnnxNode node, bool isTransposed)
    {
        var tensor = node.Input(1);
        if (g.Producer(tensor) is { Key: "Transpose" } transpose)
        {
            tensor = transpose.Input(0);
            isTransposed = !isTransposed;
        }
        if (g.Constant(tensor) is not { Dims: [> 1 and <= int.MaxValue, > 1 and <= int.MaxValue] dims } constant)
            return null;
        var (rows, columns) = ((int)dims[0], (int)dims[1]);
        var site = new ParameterSite(node, 1, constant);
        return isTransposed ? (site, WeightLayout.OutIn, columns, rows) : (site, WeightLayout.InOut, rows, columns);
    }

    static LinearSite WithBias(EncoderGraph g, LinearSite site, GraphUse use)
    {
        var node = use.Node;
        var (bias, output) = node.Key switch
        {
            "Add" => (1 - use.Input, node.Output(0)),
            "com.microsoft.BiasGelu" or "com.microsoft.FastGelu" when use.Input == 0 => (1, null),
            "com.microsoft.SkipLayerNormalization" when use.Input < 2 => (4, null),
            "com.microsoft.SkipSimplifiedLayerNormalization" when use.Input < 2 => (3, null),
            _ => (-1, site.Output),
        };
        if (bias < 0 || g.Parameter(node, bias) is not { } parameter || parameter.Tensor.ElementCount != site.OutWidth)
            return site;
        return site with { Bias = parameter, Output = output, FusedInto = output is null ? node.Key : null };
    }
}
