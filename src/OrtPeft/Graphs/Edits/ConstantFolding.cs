using OrtPeft.Graphs.Shapes;

namespace OrtPeft.Graphs;

/// <summary>Replaces shape arithmetic with a known result, and Constant nodes, by initializers.</summary>
public static class ConstantFolding
{
    /// <summary>Folds what can be folded and removes what nobody needs any more.</summary>
    public static EditResult Apply(OnnxModel model)
    {
        var graph = model.Graph;
        var shapes = ShapeInference.Infer(model);
        var outputs = graph.Outputs.Select(o => o.Name).ToHashSet();
        var folded = 0;
        foreach (var node in graph.Nodes.ToArray())
        {
            if (node.Outputs is not [var output] || outputs.Contains(output) || Value(node, output, shapes) is not { } value)
                continue;
            graph.Nodes.Remove(node);
            graph.Initializers.Add(value.WithName(output));
            folded++;
        }
        GraphEdits.RemoveDead(model);
        return new EditResult(folded, folded == 0 ? "No node has a known value." : $"{folded} nodes became constants.");
    }

    static OnnxTensor? Value(OnnxNode node, string output, ShapeMap shapes)
    {
        if (node.OpType == "Constant")
            return Constants.Of(node);
        if (shapes.Contents(output) is not { Numbers: { } numbers } contents || !shapes.TryGet(output, out var info))
            return null;
        return info.ElementType is OnnxType.Int64 or OnnxType.Int32 or OnnxType.Bool
            ? Constants.Of("", info.ElementType, [.. numbers.Select(n => (double)n)], contents.Dims) : null;
    }
}
