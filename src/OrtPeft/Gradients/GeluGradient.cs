namespace OrtPeft.Gradients;

/// <summary>
/// Y = X * P(X). dX = dY * (P(X) + X * p(X)), where P is the normal distribution, or its approximation (1 + tanh u) / 2 with
/// u = sqrt(2/pi) (X + 0.044715 X^3), and p is its derivative.
/// </summary>
static class GeluGradient
{
    const double Cubic = 0.044715;

    internal static void Build(GradientScope g)
    {
        var slope = g.Attribute("approximate", "none") == "tanh" ? Tanh(g, g.Input(0)) : Exact(g, g.Input(0));
        g.InputGradient(0, g.Mul(g.OutputGradient(0), slope));
    }

    /// <summary>com.microsoft.BiasGelu: X is the sum of both inputs.</summary>
    internal static void WithBias(GradientScope g) => Sum(g, Exact);

    /// <summary>com.microsoft.FastGelu: the approximation, with or without bias.</summary>
    internal static void Fast(GradientScope g) => Sum(g, Tanh);

    static void Sum(GradientScope g, Func<GradientScope, string, string> slope)
    {
        var x = g.HasInput(1) ? g.Add(g.Input(0), g.Input(1)) : g.Input(0);
        var dX = g.Mul(g.OutputGradient(0), slope(g, x));
        g.InputGradient(0, dX);
        g.InputGradient(1, dX);
    }

    static string Exact(GradientScope g, string x)
    {
        var distribution = g.Add(g.Mul(g.Erf(g.Mul(x, Math.Sqrt(0.5))), 0.5), 0.5);
        var density = g.Mul(g.Exp(g.Mul(g.Mul(x, x), -0.5)), 1 / Math.Sqrt(2 * Math.PI));
        return g.Add(distribution, g.Mul(x, density));
    }

    static string Tanh(GradientScope g, string x)
    {
        var scale = Math.Sqrt(2 / Math.PI);
        var square = g.Mul(x, x);
        var tanh = g.Tanh(g.Mul(x, g.Add(g.Mul(square, scale * Cubic), scale)));
        var inner = g.Mul(x, g.Add(g.Mul(square, 3 * scale * Cubic), scale));
        var density = g.Mul(g.Sub(g.Scalar(1, x), g.Mul(tanh, tanh)), inner);
        return g.Mul(g.Add(g.Add(tanh, 1), density), 0.5);
    }
}
