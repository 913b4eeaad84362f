namespace OrtPeft.Graphs;

/// <summary>Operators that change shape and order, or pick elements.</summary>
public abstract partial class GraphOperators
{
    /// <summary>Reorders dimensions.</summary>
    public string Transpose(string x, params long[] order) =>
        order.Select((o, i) => o == i).All(same => same) ? x : Node("Transpose", [x], new OnnxAttribute("perm", order));

    /// <summary>Swaps the last two dimensions.</summary>
    public string SwapLastTwo(string x)
    {
        var order = Enumerable.Range(0, RankOf(x)).Select(i => (long)i).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return Transpose(x, order);
    }

    /// <summary>Gives x a shape; 0 keeps a dimension, -1 leaves one to be found.</summary>
    public string Reshape(string x, params long[] shape) => Node("Reshape", [x, Vector(shape)]);

    /// <summary>Gives x the shape in a tensor.</summary>
    public string Reshape(string x, string shape) => Node("Reshape", [x, shape]);

    /// <summary>Removes dimensions of length 1.</summary>
    public string Squeeze(string x, params long[] axes) => axes.Length == 0 ? x : WithAxes("Squeeze", 13, x, axes);

    /// <summary>Adds dimensions of length 1.</summary>
    public string Unsqueeze(string x, params long[] axes) => axes.Length == 0 ? x : WithAxes("Unsqueeze", 13, x, axes);

    /// <summary>Repeats x to a shape given as a tensor.</summary>
    public string Expand(string x, string shape) => Node("Expand", [x, shape]);

    /// <summary>Joins tensors along an axis.</summary>
    public string Concat(long axis, params string[] parts) => parts.Length == 1 ? parts[0] : Node("Concat", parts, new OnnxAttribute("axis", axis));

    /// <summary>Cuts x along an axis into parts of the given lengths.</summary>
    public string[] Split(string x, long axis, params long[] lengths) => Opset < 13
        ? Nodes("Split", lengths.Length, [x], new OnnxAttribute("axis", axis), new OnnxAttribute("split", lengths))
        : Nodes("Split", lengths.Length, [x, Vector(lengths)], new OnnxAttribute("axis", axis));

    /// <summary>
    /// The part of x from start to end (not included) along one axis; an end of <see cref="long.MaxValue"/> means "to the end".
    /// </summary>
    public string Slice(string x, long axis, long start, long end, long step = 1) =>
        step == 1 ? Slice(x, axis, Vector(start), Vector(end)) : Node("Slice", [x, Vector(start), Vector(end), Vector(axis), Vector(step)]);

    /// <summary>The part of x along one axis, with bounds in tensors of one element.</summary>
    public string Slice(string x, long axis, string start, string end) => Opset >= 10
        ? Node("Slice", [x, start, end, Vector(axis)])
        : throw new OnnxException("Slicing is written for opset 10 and later. Export the model with a newer opset.");

    /// <summary>Rows of x along an axis, by index.</summary>
    public string Gather(string x, string indices, long axis = 0) => Node("Gather", [x, indices], new OnnxAttribute("axis", axis));

    /// <summary>Elements of x along an axis, one index for each.</summary>
    public string GatherElements(string x, string indices, long axis) => Node("GatherElements", [x, indices], new OnnxAttribute("axis", axis));

    /// <summary>Rows with 1 at the given indices and 0 elsewhere, in the type of <paramref name="like"/>, as last dimension.</summary>
    public string OneHot(string indices, string depth, string like) =>
        // ONNX Runtime has the operator for 32-bit floats only.
        Cast(Node("OneHot", [indices, depth, Constant([0f, 1f], 2)], new OnnxAttribute("axis", -1)), TypeOf(like));

    /// <summary>The shape of x as an int64 vector; a constant when all dimensions are known.</summary>
    public string Shape(string x) =>
        ShapeOf(x).All(d => d.IsKnown) ? Vector([.. ShapeOf(x).Select(d => d.Value)]) : Node("Shape", [x]);

    /// <summary>One dimension of x as an int64 vector of one element; a constant when it is known.</summary>
    public string DimOf(string x, int axis) =>
        ShapeOf(x)[axis] is { IsKnown: true } known ? Vector(known.Value) : Gather(Node("Shape", [x]), Vector(axis));

    /// <summary>A tensor of zeros, of the type of <paramref name="like"/> and a shape given as a tensor.</summary>
    public string Zeros(string shape, string like) =>
        Node("ConstantOfShape", [shape], new OnnxAttribute("value", Constants.Of("", TypeOf(like), [0], 1)));

    /// <summary>start, start + 1, ... below limit; both scalars.</summary>
    public string Range(string start, string limit) =>
        Node("Range", [start, limit, TypeOf(start) == OnnxType.Int64 ? Constant(1L) : Scalar(1, start)]);

    /// <summary>
    /// x with the shape of another tensor that has as many elements, with a constant shape wherever the names of the dimensions allow
    /// it.
    /// </summary>
    public string ReshapeLike(string x, string like)
    {
        var from = Info(x).Shape;
        var to = ShapeOf(like);
        if (from is not null && from.SequenceEqual(to) && from.All(d => !d.IsUnknown))
            return x;
        var shape = new long[to.Count];
        var open = 0;
        for (var i = 0; i < shape.Length; i++)
        {
            // 0 copies the dimension at the same place; one -1 is allowed.
            shape[i] = to[i] is { IsKnown: true } known ? known.Value : from is not null && i < from.Count && to[i].Same(from[i]) ? 0 : -1;
            open += shape[i] < 0 ? 1 : 0;
        }
        return open <= 1 && !to.Any(d => d.Is(0)) ? Reshape(x, shape) : Reshape(x, Shape(like));
    }

    /// <summary>Repeats x to the shape of another tensor.</summary>
    public string ExpandLike(string x, string like)
    {
        var shape = Info(x).Shape;
        return shape is not null && shape.SequenceEqual(ShapeOf(like)) ? x : Expand(x, Shape(like));
    }

    string WithAxes(string opType, int asInputSince, string x, long[] axes, params OnnxAttribute[] attributes) => Opset < asInputSince
        ? Node(opType, [x], [new OnnxAttribute("axes", axes), .. attributes])
        : Node(opType, [x, Vector(axes)], attributes);
}
