using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Finds norms: LayerNormalization, its relatives in other domains, and both kinds spelled out by an exporter.</summary>
static class NormRecogniser
{
    /// <summary>Inputs of scale and bias (-1: there is none), and the output that holds the residual sum, by operator.</summary>
    static readonly Dictionary<string, (int Scale, int Bias, int Sum, float Epsilon)> Operators = new()
    {
        ["LayerNormalization"] = (1, 2, -1, 1e-5f),
        ["RMSNormalization"] = (1, -1, -1, 1e-5f),
        ["SimplifiedLayerNormalization"] = (1, -1, -1, 1e-5f),
        ["SkipLayerNormalization"] = (2, 3, 3, 1e-12f),
        ["SkipSimplifiedLayerNormalization"] = (2, -1, 3, 1e-12f),
        ["EmbedLayerNormalization"] = (5, 6, 2, 1e-12f),
    };

    internal static IEnumerable<NormSite> Find(EncoderGraph g)
    {
        var outputs = g.Graph.Outputs.Select(o => o.Name).ToHashSet();
        var inner = new HashSet<OnnxNode>();
        // From the end, so that a sum with the bias is seen before the product with the scale.
        foreach (var node in Enumerable.Reverse(g.Graph.Nodes))
        {
            var norm = inner.Contains(node) ? null : Operators.ContainsKey(node.OpType) ? Operator(g, node) : SpelledOut(g, node, outputs);
            if (norm is null)
                continue;
            inner.UnionWith(norm.Nodes);
            yield return norm;
        }
    }

    static NormSite? Operator(EncoderGraph g, OnnxNode node)
    {
        if (node.Int("axis", -1) is not -1 and var axis && axis != g.ShapeOf(node.Input(0))?.Count - 1)
            return null;
        var (scale, bias, sum, epsilon) = Operators[node.OpType];
        var input = sum < 0 ? node.Input(0) : node.Output(sum) is { Length: > 0 } name ? name : null;
        var norm = new NormSite([node], bias < 0, g.Parameter(node, scale), bias < 0 ? null : g.Parameter(node, bias), input, node.Output(0), node.Float("epsilon", epsilon));
        return bias < 0 && input is not null ? Centered(g, norm) : norm;
    }

    /// <summary>The root mean square of x - mean(x) is the standard deviation: ONNX Runtime writes a layer normalisation without bias so.</summary>
    static NormSite Centered(EncoderGraph g, NormSite rms) =>
        g.Producer(rms.Input!) is { Key: "Sub" } sub && g.Producer(sub.Input(1)) is { Key: "ReduceMean" } mean && mean.Input(0) == sub.Input(0)
            ? rms with { Nodes = [mean, sub, .. rms.Nodes], IsRms = false, Input = sub.Input(0) } : rms;

    static NormSite? SpelledOut(EncoderGraph g, OnnxNode node, HashSet<string> outputs)
    {
        if (node.Key is not ("Add" or "Mul"))
            return null;
        var (layer, rms) = (new PatternMatch(g.Shapes, g.Index, outputs, node), new PatternMatch(g.Shapes, g.Index, outputs, node));
        var (match, found) = LayerNormalizationPattern.Match(layer) is { } norm ? (layer, norm) : (rms, RmsNormalizationPattern.Match(rms));
        if (found is null)
            return null;
        return new NormSite([.. match.Inner, node], match == rms, g.Parameter(found.Scale.Node, found.Scale.Input),
            found.Bias is { } bias ? g.Parameter(bias.Node, bias.Input) : null, found.X, node.Output(0), found.Epsilon);
    }
}
