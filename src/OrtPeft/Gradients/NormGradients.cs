namespace OrtPeft.Gradients;

/// <summary>Reductions to a norm.</summary>
static class NormGradients
{
    /// <summary>Y = sqrt(sum X^2). dX = dY * X / Y, 0 where Y is 0.</summary>
    internal static void L2(GradientScope g)
    {
        var (x, y) = (g.Input(0), ReductionGradients.KeepDims(g, g.Output(0)));
        var safe = g.Where(g.Equal(y, g.Scalar(0, y)), g.Scalar(1, y), y);
        g.InputGradient(0, g.Mul(x, g.Div(ReductionGradients.KeepDims(g, g.OutputGradient(0)), safe)));
    }

    /// <summary>Y = sum |X|. dX = dY * sign X.</summary>
    internal static void L1(GradientScope g) =>
        g.InputGradient(0, g.Mul(g.Sign(g.Input(0)), ReductionGradients.KeepDims(g, g.OutputGradient(0))));

    /// <summary>Y = sum X^2. dX = 2 dY * X.</summary>
    internal static void SumSquare(GradientScope g) =>
        g.InputGradient(0, g.Mul(g.Input(0), g.Mul(ReductionGradients.KeepDims(g, g.OutputGradient(0)), 2)));

    /// <summary>Y = log(sum exp X). dX = dY * exp(X - Y).</summary>
    internal static void LogSumExp(GradientScope g)
    {
        var share = g.Exp(g.Sub(g.Input(0), ReductionGradients.KeepDims(g, g.Output(0))));
        g.InputGradient(0, g.Mul(share, ReductionGradients.KeepDims(g, g.OutputGradient(0))));
    }
}
