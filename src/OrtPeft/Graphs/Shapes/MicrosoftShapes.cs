namespace OrtPeft.Graphs.Shapes;

/// <summary>Operators of com.microsoft that ONNX Runtime's optimizers write.</summary>
static class MicrosoftShapes
{
    internal static void Gelu(ShapeContext c) => c.Set(0, c.Type(0), c.Has(1) ? c.Broadcast(c.Shape(0), c.Shape(1)) : c.Shape(0));

    internal static void SkipLayerNormalization(ShapeContext c)
    {
        var shape = c.Broadcast(c.Shape(0), c.Shape(1));
        c.Set(0, c.Type(0), shape);
        c.Set(1, OnnxType.Float, Statistics(shape));
        c.Set(2, OnnxType.Float, Statistics(shape));
        c.Set(3, c.Type(0), shape);
    }

    internal static void SimplifiedLayerNormalization(ShapeContext c)
    {
        c.Set(0, c.Type(0), c.Shape(0));
        c.Set(1, OnnxType.Float, Statistics(c.Shape(0)));
    }

    internal static void EmbedLayerNormalization(ShapeContext c)
    {
        var ids = c.Shape(0);
        var width = c.Shape(2) is [_, var known] ? known : Dim.Unknown;
        Dim[]? shape = ids is null ? null : [.. ids, width];
        c.Set(0, c.Type(2), shape);
        c.Set(1, OnnxType.Int32, ids is null ? null : [ids[0]]);
        c.Set(2, c.Type(2), shape);
    }

    internal static void FusedMatMul(ShapeContext c) => c.Set(0, c.Type(0), MatMulShapes.Product(
        c, Swapped(c, 0, "transA"), Swapped(c, 1, "transB")));

    static Dim[]? Swapped(ShapeContext c, int input, string attribute)
    {
        var shape = c.Shape(input);
        if (shape is { Length: > 1 } && c.Int(attribute, 0) != 0)
            (shape[^1], shape[^2]) = (shape[^2], shape[^1]);
        return shape;
    }

    static Dim[]? Statistics(Dim[]? shape) => shape is null ? null : [.. shape[..^1], 1];
}
