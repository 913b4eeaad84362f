using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// One attempt to recognise a pattern that ends at a node. Collects the inner nodes, which only the pattern itself may read.
/// </summary>
sealed class PatternMatch(ShapeMap shapes, GraphIndex index, HashSet<string> visible, OnnxNode end)
{
    internal OnnxNode End => end;

    internal int Opset => shapes.Opset;

    /// <summary>The nodes that the fused operator makes superfluous.</summary>
    internal List<OnnxNode> Inner { get; } = [];

    /// <summary>The element type, <see cref="OnnxType.Undefined"/> when it is not known.</summary>
    internal OnnxType TypeOf(string tensor) => shapes.TryGet(tensor, out var info) ? info.ElementType : OnnxType.Undefined;

    /// <summary>The number of dimensions, or null when it is not known.</summary>
    internal int? RankOf(string tensor) => shapes.TryGet(tensor, out var info) ? info.Shape?.Count : null;

    /// <summary>What a tensor is the same as: exporters convert to a type that a tensor has already.</summary>
    internal string Origin(string tensor)
    {
        while (index.Producer(tensor) is { Key: "Cast" or "Identity" } node && TypeOf(node.Input(0)) == TypeOf(tensor))
            tensor = node.Input(0);
        return tensor;
    }

    /// <summary>
    /// The node of that operator that writes <paramref name="tensor"/> and is read by the pattern alone; null when it is anything else.
    /// </summary>
    internal OnnxNode? Take(string tensor, string opType, int uses = 1)
    {
        if (index.Producer(tensor) is not { } node || node.Key != opType || visible.Contains(tensor) || index.Consumers(tensor).Count != uses)
            return null;
        if (!Inner.Contains(node))
            Inner.Add(node);
        return node;
    }

    /// <summary>A scalar constant's value, or null.</summary>
    internal double? Scalar(string tensor) =>
        shapes.Constant(tensor) is { ElementCount: 1 } constant && constant.ElementType.IsFloat() ? constant.ToFloats()[0] : null;

    /// <summary>Whether a scalar constant has this value, up to the rounding of an exporter.</summary>
    internal static bool Is(double? found, double expected) => found is { } value && Math.Abs(value - expected) <= 1e-4 * Math.Abs(expected);

    /// <summary>The other input of a node with two inputs, one of which is the given constant; null when none is.</summary>
    internal string? Beside(OnnxNode node, double constant) =>
        Is(Scalar(node.Input(0)), constant) ? node.Input(1) : Is(Scalar(node.Input(1)), constant) ? node.Input(0) : null;

    /// <summary>A tree of products and divisions by constants as one coefficient and the remaining factors.</summary>
    internal (double Coefficient, List<string> Factors) Product(string tensor, bool isEnd = false)
    {
        if (Scalar(tensor) is { } constant)
            return (constant, []);
        var node = isEnd ? end : index.Producer(tensor);
        if (node?.Key == "Mul" && (isEnd || Take(tensor, "Mul") is not null))
        {
            var (a, b) = (Product(node.Input(0)), Product(node.Input(1)));
            return (a.Coefficient * b.Coefficient, [.. a.Factors, .. b.Factors]);
        }
        if (node?.Key == "Div" && Scalar(node.Input(1)) is { } divisor && (isEnd || Take(tensor, "Div") is not null))
        {
            var (coefficient, factors) = Product(node.Input(0));
            return (coefficient / divisor, factors);
        }
        return (1, [tensor]);
    }

    /// <summary>The single axis of a reduction that keeps its dimension and runs along the last axis.</summary>
    internal bool IsAlongLast(OnnxNode reduction)
    {
        var axes = reduction.Ints("axes") ?? shapes.Contents(reduction.Input(1))?.Numbers;
        return reduction.Int("keepdims", 1) != 0 && axes is [var axis] && (axis == -1 || axis == RankOf(reduction.Input(0)) - 1);
    }
}
