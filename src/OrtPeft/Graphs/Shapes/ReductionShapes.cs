namespace OrtPeft.Graphs.Shapes;

/// <summary>Operators that combine the elements along some axes.</summary>
static class ReductionShapes
{
    internal static void Reduce(ShapeContext c) => c.Set(0, c.Type(0), Reduced(c));

    internal static void ReduceProd(ShapeContext c) =>
        c.Set(0, c.Type(0), Reduced(c), c.Contents(0) is { Dims.Length: 1 } contents && c.Int("keepdims", 1) == 0
            ? SymbolicTensor.Scalar(Dim.Product(contents.Elements)) : null);

    internal static void Arg(ShapeContext c)
    {
        var shape = c.Shape(0);
        c.Set(0, OnnxType.Int64, shape is null ? null : Without(shape, [c.Axis(c.Int("axis", 0), shape.Length)], c.Int("keepdims", 1) != 0));
    }

    static Dim[]? Reduced(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
            return null;
        var axes = c.Ints("axes", 1);
        var keep = c.Int("keepdims", 1) != 0;
        if (axes is null && c.Has(1))
            return keep ? [.. shape.Select(_ => Dim.Unknown)] : null;
        if (axes is null or [])
        {
            if (c.Int("noop_with_empty_axes", 0) != 0)
                return shape;
            axes = [.. Enumerable.Range(0, shape.Length).Select(i => (long)i)];
        }
        return Without(shape, [.. axes.Select(a => c.Axis(a, shape.Length))], keep);
    }

    static Dim[] Without(Dim[] shape, HashSet<int> axes, bool keep) =>
        keep ? [.. shape.Select((d, i) => axes.Contains(i) ? 1 : d)] : [.. shape.Where((_, i) => !axes.Contains(i))];
}
