using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Y = a part of X. dX = dY at its place, zeros around it.</summary>
static class SliceGradient
{
    internal static void Build(GradientScope g)
    {
        var x = g.Input(0);
        var gradient = g.OutputGradient(0);
        var axes = g.Ints("axes", 3) ?? [.. Enumerable.Range(0, Count(g)).Select(i => (long)i)];
        // One axis at a time; after each the gradient is as long as X there.
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = (int)(axes[i] < 0 ? axes[i] + g.RankOf(x) : axes[i]);
            var step = g.HasInput(4) ? g.Ints("steps", 4)![i] : 1;
            if (step != 1 || !g.ShapeOf(gradient)[axis].Same(g.ShapeOf(x)[axis]))
                gradient = Place(g, gradient, x, axis, i, step);
        }
        g.InputGradient(0, gradient);
    }

    static string Place(GradientScope g, string gradient, string x, int axis, int i, long step)
    {
        var start = Bound(g, "starts", 1)?[i];
        var end = Bound(g, "ends", 2)?[i];
        if (start < 0 && g.ShapeOf(x)[axis] is { IsKnown: true } length)
            start = Math.Max(0, start.Value + length.Value);
        if (step == 1 && start >= 0)
            return Padding.Place(g, gradient, x, axis, g.Vector(start.Value));
        if (step == 1 && start < 0 && end >= int.MaxValue)
            return Padding.Place(g, gradient, x, axis, Padding.Subtract(g, g.DimOf(x, axis), g.DimOf(gradient, axis)));
        var all = g.Range(g.Constant(0L), g.Squeeze(g.DimOf(x, axis), 0));
        var positions = g.Node("Slice", [all, Element(g, "starts", 1, i), Element(g, "ends", 2, i), g.Vector(0), g.Vector(step)]);
        return Padding.PlaceAt(g, gradient, x, axis, positions);
    }

    static int Count(GradientScope g) => g.Current.Ints("starts")?.Count ?? (int)g.ShapeOf(g.Input(1))[0].Value;

    static long[]? Bound(GradientScope g, string attribute, int input) => g.Current.Ints(attribute)?.ToArray() ?? g.Known(g.Input(input));

    static string Element(GradientScope g, string attribute, int input, int i) =>
        Bound(g, attribute, input) is { } known ? g.Vector(known[i]) : g.Gather(g.Cast(g.Input(input), OnnxType.Int64), g.Vector(i));
}
