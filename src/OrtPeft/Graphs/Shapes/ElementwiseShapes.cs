namespace OrtPeft.Graphs.Shapes;

/// <summary>
/// Operators that work element by element, with broadcasting where they have several inputs; integers are followed as shape arithmetic.
/// </summary>
static class ElementwiseShapes
{
    internal static void Same(ShapeContext c) => c.Set(0, c.Type(0), c.Shape(0), c.Node.OpType is "Identity" ? c.Contents(0) : null);

    internal static void Negate(ShapeContext c) => c.Set(0, c.Type(0), c.Shape(0), Map(c, x => Dim.Subtract(0, x[0])));

    internal static void Not(ShapeContext c) => c.Set(0, OnnxType.Bool, c.Shape(0), Map(c, x => x[0].IsKnown ? 1 - x[0].Value : Dim.Unknown));

    internal static void ToBool(ShapeContext c) => c.Set(0, OnnxType.Bool, c.Shape(0));

    internal static void Cast(ShapeContext c)
    {
        var type = (OnnxType)c.Int("to", 1);
        c.Set(0, type, c.Shape(0), Converted(c, type));
    }

    internal static void CastLike(ShapeContext c) => c.Set(0, c.Type(1), c.Shape(0), Converted(c, c.Type(1)));

    internal static void Dropout(ShapeContext c)
    {
        c.Set(0, c.Type(0), c.Shape(0));
        c.Set(1, c.Opset < 10 ? c.Type(0) : OnnxType.Bool, c.Shape(0));
    }

    internal static void Add(ShapeContext c) => Broadcast(c, x => Dim.Add(x[0], x[1]));

    internal static void Subtract(ShapeContext c) => Broadcast(c, x => Dim.Subtract(x[0], x[1]));

    internal static void Multiply(ShapeContext c) => Broadcast(c, x => Dim.Multiply(x[0], x[1]));

    internal static void Divide(ShapeContext c) => Broadcast(c, x => Dim.Divide(x[0], x[1]));

    internal static void Max(ShapeContext c) => Broadcast(c, x => x.Aggregate(Dim.Max));

    internal static void Min(ShapeContext c) => Broadcast(c, x => x.Aggregate(Dim.Min));

    internal static void Broadcast(ShapeContext c) => Broadcast(c, null);

    internal static void Compare(ShapeContext c) => Compare(c, null);

    /// <summary>Lengths are taken to be at least 1 everywhere but here: a comparison with 0 asks whether a batch is empty.</summary>
    internal static void Equal(ShapeContext c) => Compare(c, x =>
        x[0].Same(x[1]) ? 1
        : !(x[0].IsKnown && x[1].IsKnown) && (x[0].Is(0) || x[1].Is(0)) ? Dim.Unknown
        : Positive(Dim.Subtract(x[0], x[1])) || Positive(Dim.Subtract(x[1], x[0])) ? 0 : Dim.Unknown);

    internal static void Greater(ShapeContext c) => Compare(c, x => Order(x[0], x[1]));

    internal static void Less(ShapeContext c) => Compare(c, x => Order(x[1], x[0]));

    internal static void GreaterOrEqual(ShapeContext c) => Compare(c, x => Negated(Order(x[1], x[0])));

    internal static void LessOrEqual(ShapeContext c) => Compare(c, x => Negated(Order(x[0], x[1])));

    internal static void And(ShapeContext c) => Compare(c, x => x[0].Is(0) || x[1].Is(0) ? 0 : x[0].Is(1) && x[1].Is(1) ? 1 : Dim.Unknown);

    internal static void Or(ShapeContext c) => Compare(c, x => x[0].Is(1) || x[1].Is(1) ? 1 : x[0].Is(0) && x[1].Is(0) ? 0 : Dim.Unknown);

    internal static void Where(ShapeContext c)
    {
        var shape = c.Broadcast(c.Broadcast(c.Shape(0), c.Shape(1)), c.Shape(2));
        c.Set(0, c.Type(1), shape, Map(c, x => x[0].Is(1) ? x[1] : x[0].Is(0) || x[1].Same(x[2]) ? x[2] : Dim.Unknown));
    }

    static void Broadcast(ShapeContext c, Func<Dim[], Dim>? contents) => c.Set(0, c.Type(0), BroadcastAll(c), Map(c, contents));

    static void Compare(ShapeContext c, Func<Dim[], Dim>? contents) => c.Set(0, OnnxType.Bool, BroadcastAll(c), Map(c, contents));

    static Dim[]? BroadcastAll(ShapeContext c)
    {
        var shape = c.Shape(0);
        for (var i = 1; i < c.InputCount; i++)
            shape = c.Broadcast(shape, c.Shape(i));
        return shape;
    }

    /// <summary>Contents of the output, when all inputs are integers or bools with known contents.</summary>
    static SymbolicTensor? Map(ShapeContext c, Func<Dim[], Dim>? function)
    {
        if (function is null)
            return null;
        var operands = new SymbolicTensor[c.InputCount];
        for (var i = 0; i < operands.Length; i++)
        {
            if (c.Contents(i) is not { } contents)
                return null;
            operands[i] = contents;
        }
        return SymbolicTensor.Map(operands, function);
    }

    static SymbolicTensor? Converted(ShapeContext c, OnnxType type)
    {
        var contents = c.Contents(0);
        if (contents is null || type != OnnxType.Bool)
            return type.IsInteger() || type == OnnxType.Bool ? contents : null;
        return SymbolicTensor.Map([contents], x => x[0].Is(0) ? 0 : Positive(x[0]) ? 1 : Dim.Unknown);
    }

    static bool Positive(Dim dim) => dim.LowerBound > 0;

    /// <summary>1 when a is certainly greater than b, 0 when certainly not.</summary>
    static Dim Order(Dim a, Dim b) => Positive(Dim.Subtract(a, b)) ? 1 : Dim.Subtract(b, a).LowerBound >= 0 ? 0 : Dim.Unknown;

    static Dim Negated(Dim truth) => truth.IsKnown ? 1 - truth.Value : truth;
}
