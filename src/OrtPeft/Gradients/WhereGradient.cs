namespace OrtPeft.Gradients;

/// <summary>
/// Y = A where C holds, elsewhere B. The gradient goes where the value came from; nothing is multiplied, so infinities stay out.
/// </summary>
static class WhereGradient
{
    internal static void Build(GradientScope g)
    {
        var dY = g.OutputGradient(0);
        var zero = g.Scalar(0, dY);
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.Where(g.Input(0), dY, zero));
        if (g.NeedsGradient(2))
            g.InputGradient(2, g.Where(g.Input(0), zero, dY));
    }
}
