using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Y = A B. dA = dY B^T, dB = A^T dY; vectors count as a row and a column.</summary>
static class MatMulGradient
{
    internal static void Build(GradientScope g)
    {
        var (a, b, dY) = (g.Input(0), g.Input(1), g.OutputGradient(0));
        if (g.RankOf(b) == 2 && g.RankOf(a) >= 2)
        {
            WithMatrix(g, a, b, dY);
            return;
        }
        if (g.RankOf(b) == 1)
            dY = g.Unsqueeze(dY, -1);
        if (g.RankOf(a) == 1)
            dY = g.Unsqueeze(dY, -2);
        var row = g.RankOf(a) == 1 ? g.Unsqueeze(a, 0) : a;
        var column = g.RankOf(b) == 1 ? g.Unsqueeze(b, 1) : b;
        if (g.NeedsGradient(0))
            g.InputGradient(0, Restore(g, g.MatMul(dY, g.SwapLastTwo(column)), a, -2));
        if (g.NeedsGradient(1))
            g.InputGradient(1, Restore(g, TransposedProduct(g, row, dY), b, -1));
    }

    /// <summary>A^T dY, by way of (dY^T A)^T where dY is known to be narrower than A: the narrow one is quicker to transpose.</summary>
    static string TransposedProduct(GradientScope g, string a, string dY) => g.ShapeOf(a)[^1] is { IsKnown: true } wide && g.ShapeOf(dY)[^1] is { IsKnown: true } narrow && narrow.Value < wide.Value
        ? g.SwapLastTwo(g.MatMul(g.SwapLastTwo(dY), a))
        : g.MatMul(g.SwapLastTwo(a), dY);

    /// <summary>
    /// One matrix for all rows: Gemm on the flattened rows reads the weight transposed, so no transposed copy of it exists.
    /// </summary>
    static void WithMatrix(GradientScope g, string a, string b, string dY)
    {
        var rows = Rows(g, dY);
        if (g.NeedsGradient(0))
            g.InputGradient(0, g.ReshapeLike(g.Gemm(rows, b, transB: true), a));
        if (g.NeedsGradient(1))
            g.InputGradient(1, g.Gemm(Rows(g, a), rows, transA: true));
    }

    static string Rows(GradientScope g, string x)
    {
        var width = g.ShapeOf(x)[^1];
        if (g.RankOf(x) == 2)
            return x;
        return width.IsKnown ? g.Reshape(x, -1, width.Value) : g.Reshape(x, g.Concat(0, g.Vector(-1), g.DimOf(x, g.RankOf(x) - 1)));
    }

    /// <summary>Takes the dimension away that was added to a vector, after summing what broadcasting repeated.</summary>
    static string Restore(GradientScope g, string gradient, string input, int axis)
    {
        if (g.RankOf(input) != 1)
            return gradient;
        var leading = Enumerable.Range(0, g.RankOf(gradient) - 2).Select(i => (long)i).ToArray();
        return g.Squeeze(g.ReduceSum(gradient, leading, keepDims: false), axis < -1 ? 0 : 1);
    }
}
