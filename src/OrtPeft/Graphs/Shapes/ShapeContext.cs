namespace OrtPeft.Graphs.Shapes;

/// <summary>What a shape rule sees of its node: inputs with type, shape and, where known, contents; and where it puts the outputs.</summary>
sealed class ShapeContext(OnnxNode node, ShapeMap map)
{
    internal OnnxNode Node => node;

    internal int Opset => map.Opset;

    internal ShapeMap Map => map;

    internal int InputCount => node.Inputs.Count;

    internal bool Has(int input) => node.Input(input).Length > 0;

    internal OnnxType Type(int input) => map.TryGet(node.Input(input), out var value) ? value.ElementType : OnnxType.Undefined;

    /// <summary>The shape of an input; null when its rank is not known.</summary>
    internal Dim[]? Shape(int input) => map.TryGet(node.Input(input), out var value) ? value.Shape?.ToArray() : null;

    internal OnnxTensor? Constant(int input) => map.Constant(node.Input(input));

    internal SymbolicTensor? Contents(int input) => Has(input) ? map.Contents(node.Input(input)) : null;

    /// <summary>
    /// A list of integers given as an attribute in old operator sets and as an input in new ones; null when not given or not constant.
    /// </summary>
    internal long[]? Ints(string attribute, int input) => node.Ints(attribute)?.ToArray() ?? Contents(input)?.Numbers;

    internal long Int(string attribute, long otherwise) => node.Int(attribute, otherwise);

    internal Dim NewDim() => map.NewDim();

    /// <summary>Runs the rule; a rank or index that does not fit the operator becomes an error about this node.</summary>
    internal void Run(Action<ShapeContext> rule)
    {
        try
        {
            rule(this);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw Error("has inputs that do not fit the operator");
        }
    }

    internal void Set(int output, OnnxType type, IReadOnlyList<Dim>? shape, SymbolicTensor? contents = null)
    {
        if (node.Output(output) is { Length: > 0 } name)
            map.Add(name, type, shape, contents);
    }

    /// <summary>An axis counted from the start.</summary>
    internal int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis)
        : throw Error($"has axis {axis}, but its input has {rank} dimensions");

    internal Dim[]? Broadcast(IReadOnlyList<Dim>? a, IReadOnlyList<Dim>? b)
    {
        if (a is null || b is null)
            return null;
        var shape = new Dim[Math.Max(a.Count, b.Count)];
        for (var i = 1; i <= shape.Length; i++)
            shape[^i] = Broadcast(i <= a.Count ? a[^i] : 1, i <= b.Count ? b[^i] : 1);
        return shape;
    }

    internal Dim Broadcast(Dim a, Dim b)
    {
        if (a.Is(1) || a.Same(b) || a.IsCapOf(b))
            return b;
        if (b.Is(1) || b.IsCapOf(a))
            return a;
        if (a.IsKnown && b.IsKnown)
            throw Error($"cannot combine dimensions {a} and {b}");
        return a.IsKnown ? a : b.IsKnown ? b : Dim.Call("broadcast", a, b);
    }

    /// <summary>One of two dimensions that must be equal, the better known one.</summary>
    internal Dim Equal(Dim a, Dim b)
    {
        if (a.IsKnown && b.IsKnown && a != b)
            throw Error($"needs equal dimensions, found {a} and {b}");
        return a.IsKnown || b.IsUnknown ? a : b.IsKnown || a.IsUnknown ? b : Dim.MayBeZero(a.ToString()) ? b : a;
    }

    internal OnnxException Error(string problem)
    {
        var inputs = node.Inputs.Select(i => i.Length == 0 ? "(none)" : map.TryGet(i, out var v) ? v.ToString() : $"{i}: unknown");
        return new OnnxException($"The node {node} {problem}. Its inputs: {string.Join("; ", inputs)}.");
    }
}
