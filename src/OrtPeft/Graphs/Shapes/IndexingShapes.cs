namespace OrtPeft.Graphs.Shapes;

/// <summary>Operators that pick elements by index.</summary>
static class IndexingShapes
{
    internal static void Gather(ShapeContext c)
    {
        if (c.Shape(0) is not { } data || c.Shape(1) is not { } indices)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var axis = c.Axis(c.Int("axis", 0), data.Length);
        SymbolicTensor? contents = null;
        if (data.Length == 1 && c.Contents(0) is { } whole && c.Contents(1) is { Numbers: { } picks } index)
        {
            contents = new SymbolicTensor(index.Dims, [.. picks.Select(p => whole.Elements[p < 0 ? p + whole.Elements.Length : p])]);
        }
        c.Set(0, c.Type(0), [.. data[..axis], .. indices, .. data[(axis + 1)..]], contents);
    }

    internal static void GatherElements(ShapeContext c) => c.Set(0, c.Type(0), c.Shape(1));

    internal static void GatherND(ShapeContext c)
    {
        var batch = (int)c.Int("batch_dims", 0);
        if (c.Shape(0) is not { } data || c.Shape(1) is not [.. var outer, { IsKnown: true } depth])
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        c.Set(0, c.Type(0), [.. outer, .. data[(batch + (int)depth.Value)..]]);
    }

    internal static void OneHot(ShapeContext c)
    {
        if (c.Shape(0) is not { } indices)
        {
            c.Set(0, c.Type(2), null);
            return;
        }
        var depth = c.Contents(1)?.Elements is [var known] ? known : Dim.Unknown;
        var axis = c.Axis(c.Int("axis", -1), indices.Length + 1);
        c.Set(0, c.Type(2), [.. indices[..axis], depth, .. indices[axis..]]);
    }

    internal static void NonZero(ShapeContext c) =>
        c.Set(0, OnnxType.Int64, c.Shape(0) is { } shape ? [Math.Max(1, shape.Length), Dim.Unknown] : null);

    internal static void TopK(ShapeContext c)
    {
        var shape = c.Shape(0);
        if (shape is not null)
        {
            var count = c.Node.Attribute("k")?.Int is { } k ? k : c.Contents(1)?.Elements is [var known] ? known : Dim.Unknown;
            shape[c.Axis(c.Int("axis", -1), shape.Length)] = count;
        }
        c.Set(0, c.Type(0), shape);
        c.Set(1, OnnxType.Int64, shape);
    }
}
