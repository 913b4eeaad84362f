using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Y = rows of X by index. Each row of dX is the sum of the rows of dY that were taken from it.</summary>
static class GatherGradient
{
    internal static void Build(GradientScope g)
    {
        var (x, indices, dY) = (g.Input(0), g.Input(1), g.OutputGradient(0));
        var axis = (int)g.Attribute("axis", 0);
        axis = axis < 0 ? axis + g.RankOf(x) : axis;
        if (g.Known(indices) is [var row])
        {
            var before = row >= 0 ? g.Vector(row)
                : g.Known(g.DimOf(x, axis)) is [var length] ? g.Vector(length + row) : g.Add(g.DimOf(x, axis), g.Vector(row));
            var kept = g.RankOf(indices) == 0 ? g.Unsqueeze(dY, axis) : g.ReshapeLike(dY, g.Slice(x, axis, 0, 1));
            g.InputGradient(0, Padding.Place(g, kept, x, axis, before));
            return;
        }
        g.InputGradient(0, SumInto(g, dY, indices, x, axis));
    }

    /// <summary>
    /// Sums what was taken from <paramref name="x"/> along an axis back into its shape; along other axes the gradient may differ from
    /// x.
    /// </summary>
    internal static string SumInto(GradientScope g, string gradient, string indices, string x, int axis)
    {
        var first = MoveToFront(g, gradient, axis, g.RankOf(indices));
        var count = g.RankOf(indices);
        var others = Enumerable.Range(count, g.RankOf(first) - count).Select(i => g.DimOf(first, i)).ToArray();
        var rest = others.Length == 0 ? g.Vector(1) : Padding.Join(g, others);
        var rows = g.DimOf(x, axis);
        var flat = g.Reshape(first, Padding.Join(g, [g.Vector(-1), Product(g, rest)]));
        var summed = Scatter(g, flat, g.Reshape(indices, -1), rows);
        var shaped = others.Length == 0 ? g.Reshape(summed, -1) : others.Length == 1 ? summed : g.Reshape(summed, Padding.Join(g, [rows, rest]));
        return g.Transpose(shaped, Inverse(AxisFirst(others.Length + 1, axis)));
    }

    /// <summary>
    /// Sums the rows of a matrix into as many rows as asked for, by index. From opset 16 on by scattering, before that by a product
    /// with 0 and 1.
    /// </summary>
    internal static string Scatter(GradientScope g, string rows, string indices, string count)
    {
        indices = g.Cast(indices, OnnxType.Int64);
        if (g.Opset < 16)
            return g.Gemm(g.OneHot(indices, count, rows), rows, transA: true);
        var width = g.DimOf(rows, 1);
        var zeros = g.Zeros(g.Concat(0, count, width), rows);
        var everywhere = g.Expand(g.Unsqueeze(indices, 1), g.Concat(0, g.Vector(1), width));
        return g.Node("ScatterElements", [zeros, everywhere, rows], new OnnxAttribute("axis", 0), new OnnxAttribute("reduction", "add"));
    }

    /// <summary>Brings the dimensions that replaced the axis to the front.</summary>
    static string MoveToFront(GradientScope g, string dY, int axis, int count)
    {
        var rank = g.RankOf(dY);
        var front = Enumerable.Range(axis, count);
        return g.Transpose(dY, [.. front.Concat(Enumerable.Range(0, rank).Except(front)).Select(i => (long)i)]);
    }

    static long[] AxisFirst(int rank, int axis) => [axis, .. Enumerable.Range(0, rank).Where(i => i != axis).Select(i => (long)i)];

    static long[] Inverse(long[] order)
    {
        var inverse = new long[order.Length];
        for (var i = 0; i < order.Length; i++)
            inverse[order[i]] = i;
        return inverse;
    }

    static string Product(GradientScope g, string dims) => g.Known(dims) is { } known
        ? g.Vector(known.Aggregate(1L, (a, b) => a * b))
        : g.RankOf(dims) == 1 && g.ShapeOf(dims)[0].Is(1) ? dims : g.Node("ReduceProd", [dims], new OnnxAttribute("keepdims", 1));
}
