namespace OrtPeft.Gradients;

/// <summary>Y = LogSoftmax(X, axis). dX = dY - exp(Y) * sum(dY, axis).</summary>
static class LogSoftmaxGradient
{
    internal static void Build(GradientScope g)
    {
        var dY = g.OutputGradient(0);
        var total = g.ReduceSum(dY, SoftmaxGradient.Axes(g));
        g.InputGradient(0, g.Sub(dY, g.Mul(g.Exp(g.Output(0)), total)));
    }
}
