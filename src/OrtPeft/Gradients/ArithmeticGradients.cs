namespace OrtPeft.Gradients;

/// <summary>Sums, differences, products and quotients.</summary>
static class ArithmeticGradients
{
    /// <summary>Y = A + B. dA = dB = dY.</summary>
    internal static void Add(GradientScope g)
    {
        g.InputGradient(0, g.OutputGradient(0));
        g.InputGradient(1, g.OutputGradient(0));
    }

    /// <summary>Y = A - B. dA = dY, dB = -dY.</summary>
    internal static void Sub(GradientScope g)
    {
        g.InputGradient(0, g.OutputGradient(0));
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.Neg(Broadcasts.Undo(g, g.OutputGradient(0), g.Input(1))));
    }

    /// <summary>Y = A * B. dA = dY * B, dB = dY * A.</summary>
    internal static void Mul(GradientScope g)
    {
        for (var i = 0; i < 2; i++)
        {
            if (g.NeedsGradient(i))
                g.InputGradient(i, g.Mul(g.OutputGradient(0), g.Input(1 - i)));
        }
    }

    /// <summary>Y = A / B. dA = dY / B, dB = -dY * Y / B.</summary>
    internal static void Div(GradientScope g)
    {
        var dA = g.Div(g.OutputGradient(0), g.Input(1));
        g.InputGradient(0, dA);
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.Neg(Broadcasts.Undo(g, g.Mul(dA, g.Output(0)), g.Input(1))));
    }

    /// <summary>Y = X1 + X2 + ... dXi = dY.</summary>
    internal static void Sum(GradientScope g)
    {
        for (var i = 0; i < g.InputCount; i++)
            g.InputGradient(i, g.OutputGradient(0));
    }

    /// <summary>Y = (X1 + ... + Xn) / n. dXi = dY / n.</summary>
    internal static void Mean(GradientScope g)
    {
        var share = g.Mul(g.OutputGradient(0), 1.0 / g.InputCount);
        for (var i = 0; i < g.InputCount; i++)
            g.InputGradient(i, share);
    }

    /// <summary>Y = -X. dX = -dY.</summary>
    internal static void Neg(GradientScope g) => g.InputGradient(0, g.Neg(g.OutputGradient(0)));
}
