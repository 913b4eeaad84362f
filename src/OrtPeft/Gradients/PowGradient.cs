namespace OrtPeft.Gradients;

/// <summary>Y = A ^ B. dA = dY * B * A^(B-1), dB = dY * Y * log A (0 where A is not positive).</summary>
static class PowGradient
{
    internal static void Build(GradientScope g)
    {
        var (a, b) = (g.Input(0), g.Input(1));
        var dY = g.OutputGradient(0);
        if (g.NeedsGradient(0))
            g.InputGradient(0, g.Mul(dY, Slope(g, a, b)));
        if (g.NeedsGradient(1))
        {
            var positive = g.Greater(a, g.Scalar(0, a));
            var log = g.Log(g.Where(positive, a, g.Scalar(1, a)));
            g.InputGradient(1, g.Mul(dY, g.Mul(g.Output(0), g.Cast(log, g.TypeOf(g.Output(0))))));
        }
    }

    static string Slope(GradientScope g, string a, string b)
    {
        var exponent = g.KnownScalar(b) ?? g.Known(b) switch { [var integer] => integer, _ => null };
        return exponent switch
        {
            2 => g.Mul(a, 2),
            0.5 => g.Mul(g.Reciprocal(g.Output(0)), 0.5),
            { } known => g.Mul(g.Pow(a, g.Scalar(known - 1, a)), known),
            _ => General(g, a, g.Cast(b, g.TypeOf(a))),
        };
    }

    /// <summary>With B = 0 the slope is 0, also at A = 0 where A^(B-1) is infinite.</summary>
    static string General(GradientScope g, string a, string b)
    {
        var constant = g.Equal(b, g.Scalar(0, b));
        var lowered = g.Where(constant, g.Scalar(1, b), g.Sub(b, g.Scalar(1, b)));
        return g.Mul(b, g.Pow(a, lowered));
    }
}
