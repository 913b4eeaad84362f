using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Y = N * S + B with N = (X - mean X) * r, r = 1 / sqrt(var X + epsilon).
/// dX = r * (G - mean G - N * mean(G * N)) with G = dY * S; dS = dY * N; dB = dY. The operator's own mean and r are kept, not computed again.
/// </summary>
static class LayerNormalizationGradient
{
    internal static void Build(GradientScope g)
    {
        var x = g.Input(0);
        var dY = g.OutputGradient(0);
        g.InputGradient(2, dY);
        if (!g.NeedsGradient(0) && !g.NeedsGradient(1))
            return;
        var type = g.TypeOf(x);
        var throughStatistics = g.HasOutputGradient(1) || g.HasOutputGradient(2);
        var mean = g.Cast(g.ExtraOutput(1), type);
        var deviation = g.Cast(g.ExtraOutput(2), type);
        var normal = g.Mul(g.Sub(x, mean), deviation);
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.Mul(dY, normal));
        if (!g.NeedsGradient(0))
            return;
        var axes = Axes(g);
        var scaled = g.Mul(dY, g.Input(1));
        var along = g.Mul(normal, g.ReduceMean(g.Mul(scaled, normal), axes));
        g.InputGradient(0, g.Mul(deviation, g.Sub(g.Sub(scaled, g.ReduceMean(scaled, axes)), along)));
        if (throughStatistics)
            g.InputGradient(0, ThroughStatistics(g, normal, deviation, axes));
    }

    /// <summary>mean and r as outputs of their own: dX = (dMean - dr * r^2 * N) / n.</summary>
    static string ThroughStatistics(GradientScope g, string normal, string deviation, long[] axes)
    {
        var type = g.TypeOf(normal);
        var (dMean, dDeviation) = (g.Cast(g.OutputGradient(1), type), g.Cast(g.OutputGradient(2), type));
        var total = g.Sub(dMean, g.Mul(g.Mul(dDeviation, g.Mul(deviation, deviation)), normal));
        var shape = g.ShapeOf(g.Input(0));
        var count = Dim.Product(axes.Select(a => shape[(int)a]));
        return count.IsKnown ? g.Mul(total, 1.0 / count.Value) : throw g.Error("normalises dimensions of unknown length");
    }

    /// <summary>The normalised axes: from the attribute on to the last.</summary>
    internal static long[] Axes(GradientScope g)
    {
        var rank = g.RankOf(g.Input(0));
        var axis = g.Attribute("axis", -1);
        return [.. Enumerable.Range(0, rank).Select(i => (long)i).Where(i => i >= (axis < 0 ? axis + rank : axis))];
    }
}
