using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>What lies between the targets and the loss: only these nodes are visited, only these tensors get gradients.</summary>
sealed class GradientPath
{
    readonly List<OnnxNode> _nodes = [];
    readonly HashSet<string> _tensors = [];

    /// <summary>The nodes to visit, the loss's own first.</summary>
    internal IEnumerable<OnnxNode> FromLossToTargets => _nodes;

    /// <summary>Whether the loss depends on the tensor and the tensor is, or depends on, a target.</summary>
    internal bool Contains(string tensor) => _tensors.Contains(tensor);

    internal static GradientPath Find(GraphBuilder graph, string loss, IReadOnlyCollection<string> targets)
    {
        foreach (var target in targets.Append(loss))
        {
            if (!graph.TypeOf(target).IsFloat())
                throw new OnnxException($"'{target}' is {graph.TypeOf(target).Text()}; gradients exist for floating-point tensors only.");
        }
        if (graph.ShapeOf(loss).Any(d => d.IsKnown && !d.Is(1)))
            throw new OnnxException($"The loss {graph.Info(loss)} has more than one element; reduce it first.");
        var nodes = StraightThrough.View(graph.Model.Graph);
        var influenced = new HashSet<string>(targets);
        foreach (var node in nodes.Where(n => !n.StopsGradient))
        {
            if (node.Inputs.Exists(influenced.Contains) || GraphNames.Captured(node).Any(influenced.Contains))
                influenced.UnionWith(node.Outputs.Where(o => IsFloat(graph, o) || StraightThrough.Quantizes(node)));
        }
        var path = new GradientPath();
        path._tensors.Add(loss);
        foreach (var node in Enumerable.Reverse(nodes))
        {
            if (!node.Outputs.Exists(o => path._tensors.Contains(o) && influenced.Contains(o)))
                continue;
            var inputs = node.Inputs.Concat(GraphNames.Captured(node)).Where(influenced.Contains).ToList();
            if (inputs.Count == 0)
                continue;
            path._tensors.UnionWith(inputs);
            path._nodes.Add(node);
        }
        path._tensors.IntersectWith(influenced);
        path._tensors.Add(loss);
        path.CheckRules(graph, targets);
        return path;
    }

    static bool IsFloat(GraphBuilder graph, string tensor) =>
        tensor.Length > 0 && (!graph.Shapes.TryGet(tensor, out var info) || info.ElementType.IsFloat() || info.ElementType == OnnxType.Undefined);

    void CheckRules(GraphBuilder graph, IReadOnlyCollection<string> targets)
    {
        if (_nodes.Find(n => !GradientRules.Table.ContainsKey(n.Key) && !Unfusing.Table.ContainsKey(n.Key)) is not { } missing)
            return;
        var index = new GraphIndex(graph.Model.Graph);
        var steps = new List<string>();
        for (var node = missing; node is not null;)
        {
            steps.Add(node.ToString());
            var input = node.Inputs.Concat(GraphNames.Captured(node)).First(Contains);
            if (targets.Contains(input))
            {
                steps.Add($"'{input}'");
                break;
            }
            node = index.Producer(input);
        }
        steps.Reverse();
        var shown = steps.Count > 8 ? [.. steps.Take(3), $"{steps.Count - 6} more", .. steps.TakeLast(3)] : steps;
        throw new OnnxException($"There is no gradient rule for the operator {missing.Key} (node {missing}), "
            + "which lies between a trained tensor and the loss: "
            + $"{string.Join(" -> ", shown)}. Train only what comes after it, or export the model without this operator.");
    }
}
