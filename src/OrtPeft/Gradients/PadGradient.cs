using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Y = X with a constant around it (or cut, where a pad is negative). dX = dY padded by the negative amounts; dValue = the sum of what
/// is around.
/// </summary>
static class PadGradient
{
    internal static void Build(GradientScope g)
    {
        var mode = g.Attribute("mode", "constant");
        if (mode != "constant")
        {
            Mirrored(g, mode);
            return;
        }
        var dY = g.OutputGradient(0);
        g.InputGradient(0, Pad(g, dY, pads => -pads));
        if (g.NeedsGradient(2))
        {
            var inside = Pad(g, dY, pads => -Math.Max(0, pads));
            g.InputGradient(2, g.Sub(g.ReduceSum(dY, keepDims: false), g.ReduceSum(inside, keepDims: false)));
        }
    }

    static string Pad(GradientScope g, string x, Func<long, long> amount)
    {
        if (g.Current.Ints("pads") is { } fixedPads)
            return g.Node("Pad", [x], new OnnxAttribute("pads", [.. fixedPads.Select(amount)]));
        var pads = g.Known(g.Input(1)) is { } known ? g.Vector([.. known.Select(amount)]) : g.Neg(g.Input(1));
        return g.Node("Pad", g.HasInput(3) ? [x, pads, "", g.Input(3)] : [x, pads]);
    }

    /// <summary>
    /// Reflect, edge and wrap read X by index: padding 0, 1, 2, ... in the same way gives the indices, whose gradients are summed.
    /// </summary>
    static void Mirrored(GradientScope g, string mode)
    {
        var x = g.Input(0);
        var rank = g.RankOf(x);
        var pads = g.Ints("pads", 1) ?? throw g.Error("pads by amounts computed from data");
        var axes = g.Ints("axes", 3) ?? [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        var gradient = g.OutputGradient(0);
        for (var i = 0; i < axes.Length; i++)
        {
            var (before, after) = (pads[i], pads[i + axes.Length]);
            if (before == 0 && after == 0)
                continue;
            var axis = (int)(axes[i] < 0 ? axes[i] + rank : axes[i]);
            var positions = g.Range(g.Constant(0L), g.Squeeze(g.DimOf(x, axis), 0));
            var sources = g.Node("Pad", [positions, g.Vector(before, after)], new OnnxAttribute("mode", mode));
            gradient = GatherGradient.SumInto(g, gradient, sources, x, axis);
        }
        g.InputGradient(0, gradient);
    }
}
