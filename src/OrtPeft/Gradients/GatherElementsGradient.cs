using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Y = elements of X by index along an axis. Each element of dX is the sum of the elements of dY that were taken from it.</summary>
static class GatherElementsGradient
{
    internal static void Build(GradientScope g) =>
        g.InputGradient(0, Scatter(g, g.OutputGradient(0), g.Input(1), g.Input(0), g.Attribute("axis", 0)));

    internal static string Scatter(GradientScope g, string gradient, string indices, string x, long axis)
    {
        if (g.Opset >= 16)
        {
            return g.Node("ScatterElements", [g.Zeros(g.Shape(x), x), indices, gradient],
                new OnnxAttribute("axis", axis), new OnnxAttribute("reduction", "add"));
        }
        // A product with 0 and 1: for each index a row that marks where it points.
        var rank = g.RankOf(x);
        var at = (int)(axis < 0 ? axis + rank : axis);
        var order = Enumerable.Range(0, rank).Select(i => (long)i).ToArray();
        (order[at], order[^1]) = (order[^1], order[at]);
        var marks = g.OneHot(g.Cast(g.Transpose(indices, order), OnnxType.Int64), g.DimOf(x, at), gradient);
        var summed = g.MatMul(g.Unsqueeze(g.Transpose(gradient, order), -2), marks);
        var result = g.Transpose(g.Squeeze(summed, rank - 1), order);
        // Along the other axes the indices may cover only the beginning of X.
        for (var i = 0; i < rank; i++)
        {
            if (i != at && !g.ShapeOf(indices)[i].Same(g.ShapeOf(x)[i]))
                result = Padding.Place(g, result, x, i, g.Vector(0));
        }
        return result;
    }
}
