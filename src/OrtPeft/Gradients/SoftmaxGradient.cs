namespace OrtPeft.Gradients;

/// <summary>Y = Softmax(X, axis). dX = Y * (dY - sum(dY * Y, axis)).</summary>
static class SoftmaxGradient
{
    internal static void Build(GradientScope g)
    {
        var y = g.Output(0);
        var dY = g.OutputGradient(0);
        var inner = g.ReduceSum(g.Mul(dY, y), Axes(g));
        g.InputGradient(0, g.Mul(y, g.Sub(dY, inner)));
    }

    /// <summary>Before opset 13 softmax ran over everything from its axis on.</summary>
    internal static long[] Axes(GradientScope g)
    {
        if (g.Opset >= 13)
            return [g.Attribute("axis", -1)];
        var rank = g.RankOf(g.Input(0));
        var axis = g.Attribute("axis", 1);
        return [.. Enumerable.Range(0, rank).Select(i => (long)i).Where(i => i >= (axis < 0 ? axis + rank : axis))];
    }
}
