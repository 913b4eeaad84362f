using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Sums, means and extrema along axes.</summary>
static class ReductionGradients
{
    /// <summary>Y = sum X. dX = dY, repeated.</summary>
    internal static void Sum(GradientScope g) => g.InputGradient(0, g.ExpandLike(KeepDims(g, g.OutputGradient(0)), g.Input(0)));

    /// <summary>Y = mean X. dX = dY / n, repeated.</summary>
    internal static void Mean(GradientScope g)
    {
        var (x, y, dY) = (g.Input(0), g.Output(0), g.OutputGradient(0));
        var count = Dim.Divide(Dim.Product(g.ShapeOf(x)), Dim.Product(g.ShapeOf(y)));
        var share = count.IsKnown ? g.Mul(dY, 1.0 / count.Value)
            : g.Div(dY, g.Cast(g.Div(g.Node("Size", [x]), g.Node("Size", [y])), g.TypeOf(dY)));
        g.InputGradient(0, g.ExpandLike(KeepDims(g, share), x));
    }

    /// <summary>Y = max X (min X). The gradient goes to the elements that equal Y, in equal shares.</summary>
    internal static void Extremum(GradientScope g)
    {
        var x = g.Input(0);
        var chosen = g.Cast(g.Equal(x, KeepDims(g, g.Output(0))), g.TypeOf(x));
        var count = Axes(g) is { } axes ? g.ReduceSum(chosen, axes) : g.ReduceSum(chosen);
        g.InputGradient(0, g.Mul(chosen, g.Div(KeepDims(g, g.OutputGradient(0)), count)));
    }

    /// <summary>The axes; null when all are reduced, empty when none is.</summary>
    internal static long[]? Axes(GradientScope g)
    {
        var axes = g.Ints("axes", 1);
        return axes is not (null or []) ? axes : g.Attribute("noop_with_empty_axes", 0) != 0 ? [] : null;
    }

    /// <summary>A tensor of the output's shape with the reduced dimensions back as length 1.</summary>
    internal static string KeepDims(GradientScope g, string reduced)
    {
        if (g.Attribute("keepdims", 1) != 0)
            return reduced;
        var rank = g.RankOf(g.Input(0));
        return Axes(g) is { } axes
            ? g.Unsqueeze(reduced, [.. axes.Select(a => a < 0 ? a + rank : a).Order()])
            : reduced;
    }
}
