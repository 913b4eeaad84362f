namespace OrtPeft.Graphs.Shapes;

/// <summary>Matrix products.</summary>
static class MatMulShapes
{
    internal static void MatMul(ShapeContext c) => c.Set(0, c.Type(0), Product(c, c.Shape(0), c.Shape(1)));

    internal static void MatMulInteger(ShapeContext c) => c.Set(0, OnnxType.Int32, Product(c, c.Shape(0), c.Shape(1)));

    internal static void Gemm(ShapeContext c)
    {
        if (c.Shape(0) is not { } a || c.Shape(1) is not { } b)
        {
            c.Set(0, c.Type(0), [Dim.Unknown, Dim.Unknown]);
            return;
        }
        if (a.Length != 2 || b.Length != 2)
            throw c.Error("needs matrices");
        var (rows, inner) = c.Int("transA", 0) != 0 ? (a[1], a[0]) : (a[0], a[1]);
        var (inner2, columns) = c.Int("transB", 0) != 0 ? (b[1], b[0]) : (b[0], b[1]);
        c.Equal(inner, inner2);
        c.Set(0, c.Type(0), [rows, columns]);
    }

    /// <summary>
    /// The shape of a product with numpy's rules: vectors become matrices and lose the dimension again, leading dimensions broadcast.
    /// </summary>
    internal static Dim[]? Product(ShapeContext c, Dim[]? a, Dim[]? b)
    {
        if (a is null || b is null)
            return null;
        if (a.Length == 0 || b.Length == 0)
            throw c.Error("multiplies a scalar as a matrix");
        c.Equal(a[^1], b.Length == 1 ? b[0] : b[^2]);
        var batch = c.Broadcast(a.Length > 2 ? a[..^2] : [], b.Length > 2 ? b[..^2] : [])!;
        return [.. batch, .. a.Length > 1 ? [a[^2]] : Array.Empty<Dim>(), .. b.Length > 1 ? [b[^1]] : Array.Empty<Dim>()];
    }
}
