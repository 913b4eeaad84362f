namespace OrtPeft.Gradients;

/// <summary>Y = alpha A' B' + beta C, where A' and B' may be transposed. dA' = alpha dY B'^T, dB' = alpha A'^T dY, dC = beta dY.</summary>
static class GemmGradient
{
    internal static void Build(GradientScope g)
    {
        var (a, b, dY) = (g.Input(0), g.Input(1), g.OutputGradient(0));
        var transA = g.Attribute("transA", 0) != 0;
        var transB = g.Attribute("transB", 0) != 0;
        var alpha = g.Attribute("alpha", 1f);
        if (g.NeedsGradient(0))
        {
            g.InputGradient(0, transA
                ? g.Gemm(b, dY, transA: transB, transB: true, alpha: alpha)
                : g.Gemm(dY, b, transB: !transB, alpha: alpha));
        }
        if (g.NeedsGradient(1))
        {
            g.InputGradient(1, transB
                ? g.Gemm(dY, a, transA: true, transB: transA, alpha: alpha)
                : g.Gemm(a, dY, transA: !transA, alpha: alpha));
        }
        if (g.NeedsGradient(2))
        {
            var beta = g.Attribute("beta", 1f);
            g.InputGradient(2, beta == 1 ? dY : g.Mul(Broadcasts.Undo(g, dY, g.Input(2)), beta));
        }
    }
}
