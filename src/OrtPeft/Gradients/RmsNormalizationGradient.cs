namespace OrtPeft.Gradients;

/// <summary>
/// Y = N * S with N = X * r, r = 1 / sqrt(mean X^2 + epsilon). dX = r * (G - N * mean(G * N)) with G = dY * S; dS = dY * N.
/// </summary>
static class RmsNormalizationGradient
{
    internal static void Build(GradientScope g)
    {
        var x = g.Input(0);
        var dY = g.OutputGradient(0);
        var axes = LayerNormalizationGradient.Axes(g);
        var r = g.Reciprocal(g.Sqrt(g.Add(g.ReduceMean(g.Mul(x, x), axes), g.Attribute("epsilon", 1e-5f))));
        var normal = g.Mul(x, r);
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.Mul(dY, normal));
        if (!g.NeedsGradient(0))
            return;
        var scaled = g.Mul(dY, g.Input(1));
        g.InputGradient(0, g.Mul(r, g.Sub(scaled, g.Mul(normal, g.ReduceMean(g.Mul(scaled, normal), axes)))));
    }
}
