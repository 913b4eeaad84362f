using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Writes operators that hide sites (fused attention, norms with a residual sum, activations with a bias) as simpler ones, so that query, key,
/// value and every output become tensors of the graph. The values stay the same but for rounding.
/// </summary>
static class EncoderUnfusing
{
    static readonly string[] Operators =
    [
        "com.microsoft.Attention", "com.microsoft.MultiHeadAttention", "com.microsoft.SkipLayerNormalization", "com.microsoft.SkipSimplifiedLayerNormalization",
        "com.microsoft.EmbedLayerNormalization", "com.microsoft.FusedGemm",
    ];

    /// <summary>The unfused graph, a model of its own.</summary>
    /// <param name="model">The graph; it is only read.</param>
    /// <param name="find">Finds the anatomy of a copy of it.</param>
    internal static OnnxModel Apply(OnnxModel model, Func<OnnxModel, EncoderAnatomy> find)
    {
        var copy = model.Copy();
        var sites = find(copy).Sites.Select(s => s.Linear).OfType<LinearSite>().Where(l => l is { Bias: not null, Output: null, Product: not null }).DistinctBy(l => l.Node);
        var graph = GraphBuilder.Edit(copy);
        var index = new GraphIndex(copy.Graph);
        foreach (var site in sites)
            AddBias(graph, index.Producer(site.Product!)!, site.Bias!);
        foreach (var node in copy.Graph.Nodes.Where(n => n.Key == "com.microsoft.MultiHeadAttention").ToArray())
            AddBiases(graph, index, node);
        foreach (var node in copy.Graph.Nodes.Where(n => Operators.Contains(n.Key)).ToArray())
            graph.Replace(node, () => Unfusing.Table[node.Key](new UnfuseScope(graph, node)));
        return copy;
    }

    /// <summary>Adds the bias right behind the product, and takes it from the operator that added it.</summary>
    static void AddBias(GraphBuilder graph, OnnxNode product, ParameterSite bias)
    {
        var name = bias.Node.Input(bias.Input);
        graph.Replace(product, () => [graph.Add(graph.Node(product.Key, product.Inputs, [.. product.Attributes]), name)]);
        if (bias.Node.OpType == "BiasGelu")
            graph.Replace(bias.Node, () => [graph.Gelu(bias.Node.Input(0), GeluForm.Fused)]);
        else
            bias.Node.Inputs[bias.Input] = "";
    }

    /// <summary>Adds its part of the one bias to query, key and value each, before attention.</summary>
    static void AddBiases(GraphBuilder graph, GraphIndex index, OnnxNode attention)
    {
        if (index.Constant(attention.Input(3)) is not { } bias || !bias.ElementType.IsFloat() || attention.Inputs.Take(3).Any(i => i.Length == 0 || !graph.ShapeOf(i)[^1].IsKnown))
            return;
        graph.Replace(attention, () =>
        {
            List<string> inputs = [.. attention.Inputs];
            var offset = 0;
            for (var i = 0; i < 3; i++)
            {
                var part = new float[graph.ShapeOf(inputs[i])[^1].Value];
                bias.ReadFloats(offset, part);
                offset += part.Length;
                inputs[i] = graph.Add(inputs[i], graph.Cast(graph.Constant(part, part.Length), bias.ElementType));
            }
            inputs[3] = "";
            return [graph.Node(attention.Key, inputs, [.. attention.Attributes])];
        });
    }
}
