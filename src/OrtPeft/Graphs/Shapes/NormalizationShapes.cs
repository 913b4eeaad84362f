namespace OrtPeft.Graphs.Shapes;

/// <summary>Normalisations with more than one output.</summary>
static class NormalizationShapes
{
    internal static void Layer(ShapeContext c)
    {
        var shape = c.Shape(0);
        c.Set(0, c.Type(0), shape);
        var stash = c.Int("stash_type", 1) == 1 ? OnnxType.Float : c.Type(0);
        var statistics = shape is null ? null
            : Enumerable.Range(0, shape.Length).Select(i => i < c.Axis(c.Int("axis", -1), shape.Length) ? shape[i] : 1).ToArray();
        c.Set(1, stash, statistics);
        c.Set(2, stash, statistics);
        if (shape is not null && c.Shape(1) is { } scale)
            c.Broadcast(scale, shape);
    }

    internal static void Batch(ShapeContext c)
    {
        c.Set(0, c.Type(0), c.Shape(0));
        for (var i = 1; i < c.Node.Outputs.Count; i++)
            c.Set(i, c.Type(3), c.Shape(3));
    }
}
