namespace OrtPeft.Gradients;

/// <summary>Y = X1, X2, ... joined along an axis. dXi = the part of dY that came from Xi.</summary>
static class ConcatGradient
{
    internal static void Build(GradientScope g)
    {
        var rank = g.RankOf(g.Input(0));
        var axis = (int)g.Attribute("axis", 1);
        axis = axis < 0 ? axis + rank : axis;
        var dY = g.OutputGradient(0);
        long known = 0;
        string? start = null;
        for (var i = 0; i < g.InputCount; i++)
        {
            var length = g.ShapeOf(g.Input(i))[axis];
            var isLast = i == g.InputCount - 1;
            // Offsets are constants up to the first part of unknown length, sums of lengths after it.
            if (start is null && length.IsKnown)
            {
                if (g.NeedsGradient(i))
                    g.InputGradient(i, g.Slice(dY, axis, known, isLast ? long.MaxValue : known + length.Value));
                known += length.Value;
                continue;
            }
            start ??= g.Vector(known);
            var end = isLast ? g.Vector(long.MaxValue) : g.Add(start, g.DimOf(g.Input(i), axis));
            if (g.NeedsGradient(i))
                g.InputGradient(i, g.ReshapeLike(g.Slice(dY, axis, start, end), g.Input(i)));
            start = end;
        }
    }
}
