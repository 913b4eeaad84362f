using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Recognises operators that an exporter spelled out and makes them one operator again, where the operator set (or ONNX Runtime) has it: one
/// kernel instead of five in the forward pass, one rule instead of five in the backward pass.
/// </summary>
static class Fusing
{
    /// <summary>Each tries to recognise what ends at a node; on success it has filled the match and says what to write instead.</summary>
    static readonly Func<PatternMatch, Func<GraphBuilder, string>?>[] Patterns =
        [GeluPattern.Exact, GeluPattern.Tanh, LayerNormalizationPattern.Find, RmsNormalizationPattern.Find];

    /// <summary>Fuses what lies on the path; tensors in <paramref name="kept"/> must not disappear.</summary>
    internal static int Apply(GraphBuilder graph, GradientPath path, IReadOnlyCollection<string> kept)
    {
        var index = new GraphIndex(graph.Model.Graph);
        HashSet<string> visible = [.. kept, .. graph.Model.Graph.Outputs.Select(o => o.Name)];
        var removed = new HashSet<OnnxNode>();
        var count = 0;
        foreach (var node in path.FromLossToTargets.Where(n => !removed.Contains(n)))
        {
            foreach (var pattern in Patterns)
            {
                var match = new PatternMatch(graph.Shapes, index, visible, node);
                if (pattern(match) is not { } build)
                    continue;
                graph.Replace(node, () => [build(graph)]);
                graph.Remove(match.Inner);
                removed.UnionWith(match.Inner);
                count++;
                break;
            }
        }
        return count;
    }
}
