namespace OrtPeft.Graphs.Shapes;

/// <summary>Shapes as values, and tensors made from nothing.</summary>
static class ConstantShapes
{
    internal static void Shape(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
        {
            c.Set(0, OnnxType.Int64, [Dim.Unknown]);
            return;
        }
        var start = Bound(c.Int("start", 0), shape.Length);
        var part = shape[start..Math.Max(start, Bound(c.Int("end", shape.Length), shape.Length))];
        c.Set(0, OnnxType.Int64, [part.Length], SymbolicTensor.Vector(part));
    }

    internal static void Size(ShapeContext c) =>
        c.Set(0, OnnxType.Int64, [], c.Shape(0) is { } shape ? SymbolicTensor.Scalar(Dim.Product(shape)) : null);

    internal static void Constant(ShapeContext c)
    {
        var name = c.Node.Output(0);
        if (Constants.Of(c.Node) is { } tensor)
            c.Map.AddConstant(name, tensor);
        else if (c.Node.Attributes is [{ Sparse: { } sparse }])
            c.Set(0, sparse.Values.ElementType, [.. sparse.Dims.Select(Dim.Of)]);
        else
            c.Set(0, OnnxType.String, c.Node.Attributes is [{ Texts: { } texts }] ? [texts.Count] : []);
    }

    internal static void ConstantOfShape(ShapeContext c)
    {
        var value = c.Node.Attribute("value")?.Tensor;
        var type = value?.ElementType ?? OnnxType.Float;
        if (c.Contents(0) is not { } contents)
        {
            c.Set(0, type, c.Shape(0) is [{ IsKnown: true } rank] ? [.. Enumerable.Repeat(Dim.Unknown, (int)rank.Value)] : null);
            return;
        }
        var filled = contents.Numbers is { } dims && type.IsInteger()
            && dims.Aggregate(1L, (a, b) => a * b) is <= SymbolicTensor.MaxElements and var count
            ? new SymbolicTensor(dims, [.. Enumerable.Repeat(Dim.Of(value!.ToInt64s()[0]), (int)count)]) : null;
        c.Set(0, type, contents.Elements, filled);
    }

    internal static void Range(ShapeContext c)
    {
        var type = c.Type(0);
        if (c.Contents(0) is { Elements: [var start] } && c.Contents(1) is { Elements: [var limit] }
            && c.Contents(2) is { Elements: [{ IsKnown: true } step] })
        {
            var span = Dim.Subtract(limit, start);
            var count = span.IsKnown ? Math.Max(0, (span.Value + step.Value - Math.Sign(step.Value)) / step.Value)
                : step.Is(1) && span.LowerBound >= 0 ? span : Dim.Unknown;
            var elements = count is { IsKnown: true, Value: <= SymbolicTensor.MaxElements }
                ? SymbolicTensor.Vector([.. Enumerable.Range(0, (int)count.Value).Select(i => Dim.Add(start, i * step.Value))]) : null;
            c.Set(0, type, [count], elements);
            return;
        }
        if (type.IsFloat() && c.Constant(0) is { } from && c.Constant(1) is { } to && c.Constant(2) is { } by)
        {
            var length = Math.Ceiling((to.ToFloats()[0] - from.ToFloats()[0]) / (double)by.ToFloats()[0]);
            c.Set(0, type, [Dim.Of((long)Math.Max(0, length))]);
            return;
        }
        c.Set(0, type, [Dim.Unknown]);
    }

    internal static void EyeLike(ShapeContext c) => c.Set(0, c.Node.Int("dtype", 0) is > 0 and var type ? (OnnxType)type : c.Type(0), c.Shape(0));

    static int Bound(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);
}
