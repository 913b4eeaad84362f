namespace OrtPeft.Graphs.Shapes;

/// <summary>If, Loop and Scan: the types their bodies give, and the shapes where the bodies leave no doubt.</summary>
static class ControlFlowShapes
{
    internal static void If(ShapeContext c)
    {
        var bodies = c.Node.Bodies.ToArray();
        foreach (var body in bodies)
            ShapeInference.Infer(body, c.Map);
        for (var i = 0; i < c.Node.Outputs.Count; i++)
        {
            var shapes = bodies.Select(b => Find(c, b.Outputs[i])).ToArray();
            if (shapes[0] is { } first)
                c.Set(i, first.ElementType, Array.TrueForAll(shapes, s => s is not null) ? shapes.Select(s => s!.Shape).Aggregate(Common) : null);
        }
    }

    /// <summary>Carried values keep their type; what is collected over the iterations gets a leading dimension.</summary>
    internal static void Loop(ShapeContext c)
    {
        var body = c.Node.Bodies.First();
        var carried = c.InputCount - 2;
        for (var i = 0; i < body.Inputs.Count; i++)
        {
            var (type, shape) = i < 2 ? (i == 0 ? OnnxType.Int64 : OnnxType.Bool, []) : (c.Type(i), Ranks(c.Shape(i)));
            c.Map.Add(body.Inputs[i].Name, type, shape);
        }
        ShapeInference.Infer(body, c.Map);
        for (var i = 0; i < c.Node.Outputs.Count; i++)
        {
            if (Find(c, body.Outputs[i + 1]) is { } result)
                c.Set(i, result.ElementType, i < carried ? Ranks(result.Shape) : result.Shape is { } each ? [Dim.Unknown, .. each] : null);
        }
    }

    internal static void Scan(ShapeContext c)
    {
        var body = c.Node.Bodies.First();
        var scanned = (int)c.Int("num_scan_inputs", 1);
        var states = c.InputCount - scanned;
        for (var i = 0; i < body.Inputs.Count; i++)
            c.Map.Add(body.Inputs[i].Name, c.Type(i), i < states ? Ranks(c.Shape(i)) : body.Inputs[i].Shape);
        ShapeInference.Infer(body, c.Map);
        for (var i = 0; i < c.Node.Outputs.Count; i++)
        {
            if (Find(c, body.Outputs[i]) is { } result)
                c.Set(i, result.ElementType, Ranks(i < states ? result.Shape : result.Shape?.Prepend(Dim.Unknown).ToArray()));
        }
    }

    static OnnxValueInfo? Find(ShapeContext c, OnnxValueInfo output) => c.Map.TryGet(output.Name, out var found) ? found : null;

    static IReadOnlyList<Dim>? Common(IReadOnlyList<Dim>? a, IReadOnlyList<Dim>? b) =>
        a is null || b is null || a.Count != b.Count ? null : [.. a.Zip(b, (x, y) => x.Same(y) ? x : Dim.Unknown)];

    static Dim[]? Ranks(IReadOnlyList<Dim>? shape) => shape?.Select(_ => Dim.Unknown).ToArray();
}
