namespace OrtPeft.Gradients;

/// <summary>Y = X kept between two bounds. dX = dY where X lies between them or on one; the bounds get what is clipped.</summary>
static class ClipGradient
{
    internal static void Build(GradientScope g)
    {
        var x = g.Input(0);
        var dY = g.OutputGradient(0);
        var zero = g.Scalar(0, x);
        string? low = Bound(g, 1, "min"), high = Bound(g, 2, "max");
        var below = low is null ? null : g.Less(x, low);
        var above = high is null ? null : g.Greater(x, high);
        var outside = below is null ? above : above is null ? below : g.Or(below, above);
        g.InputGradient(0, outside is null ? dY : g.Where(outside, zero, dY));
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.ReduceSum(g.Where(above is null ? below! : g.And(below!, g.Not(above)), dY, zero), keepDims: false));
        if (g.NeedsGradient(2))
            g.InputGradient(2, g.ReduceSum(g.Where(above!, dY, zero), keepDims: false));
    }

    static string? Bound(GradientScope g, int input, string attribute)
    {
        if (g.HasInput(input))
            return g.Input(input);
        return g.Current.Attribute(attribute)?.Float is { } value ? g.Scalar(value, g.Input(0)) : null;
    }
}
