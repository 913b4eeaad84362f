namespace OrtPeft.Gradients;

/// <summary>Y = X repeated r times along each axis. dX = dY seen as [r1, n1, r2, n2, ...] and summed over the r.</summary>
static class TileGradient
{
    internal static void Build(GradientScope g)
    {
        var (x, repeats) = (g.Input(0), g.Input(1));
        var rank = g.RankOf(x);
        var parts = new List<string>();
        for (var axis = 0; axis < rank; axis++)
        {
            parts.Add(g.Known(repeats) is { } known ? g.Vector(known[axis]) : g.Gather(repeats, g.Vector(axis)));
            parts.Add(g.DimOf(x, axis));
        }
        if (g.Known(repeats)?.Contains(0) == true)
            return;
        var split = g.Reshape(g.OutputGradient(0), Padding.Join(g, parts));
        g.InputGradient(0, g.ReshapeLike(g.ReduceSum(split, [.. Enumerable.Range(0, rank).Select(i => 2L * i)], keepDims: false), x));
    }
}
