namespace OrtPeft.Gradients;

/// <summary>Functions of one number.</summary>
static class UnaryGradients
{
    /// <summary>Y = sqrt X. dX = dY / (2 Y).</summary>
    internal static void Sqrt(GradientScope g) => g.InputGradient(0, g.Div(g.Mul(g.OutputGradient(0), 0.5), g.Output(0)));

    /// <summary>Y = exp X. dX = dY * Y.</summary>
    internal static void Exp(GradientScope g) => g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Output(0)));

    /// <summary>Y = log X. dX = dY / X.</summary>
    internal static void Log(GradientScope g) => g.InputGradient(0, g.Div(g.OutputGradient(0), g.Input(0)));

    /// <summary>Y = |X|. dX = dY * sign X, 0 at 0.</summary>
    internal static void Abs(GradientScope g) => g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Sign(g.Input(0))));

    /// <summary>Y = erf X. dX = dY * 2/sqrt(pi) * exp(-X^2).</summary>
    internal static void Erf(GradientScope g)
    {
        var x = g.Input(0);
        g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Mul(g.Exp(g.Neg(g.Mul(x, x))), 2 / Math.Sqrt(Math.PI))));
    }

    /// <summary>Y = sin X. dX = dY * cos X.</summary>
    internal static void Sin(GradientScope g) => g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Cos(g.Input(0))));

    /// <summary>Y = cos X. dX = -dY * sin X.</summary>
    internal static void Cos(GradientScope g) => g.InputGradient(0, g.Neg(g.Mul(g.OutputGradient(0), g.Sin(g.Input(0)))));

    /// <summary>Y = 1/X. dX = -dY * Y^2.</summary>
    internal static void Reciprocal(GradientScope g)
    {
        var y = g.Output(0);
        g.InputGradient(0, g.Neg(g.Mul(g.OutputGradient(0), g.Mul(y, y))));
    }
}
