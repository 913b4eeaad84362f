namespace OrtPeft.Graphs.Shapes;

/// <summary>A small integer or bool tensor whose elements are known numbers or expressions in dimension names: shape arithmetic.</summary>
/// <param name="Dims">The shape.</param>
/// <param name="Elements">The elements in row-major order; bools are 0 and 1.</param>
sealed record SymbolicTensor(long[] Dims, Dim[] Elements)
{
    /// <summary>Larger tensors are data, not shapes.</summary>
    internal const int MaxElements = 256;

    internal static SymbolicTensor Scalar(Dim value) => new([], [value]);

    internal static SymbolicTensor Vector(params Dim[] values) => new([values.Length], values);

    internal static SymbolicTensor? Of(OnnxTensor tensor) =>
        (tensor.ElementType.IsInteger() || tensor.ElementType == OnnxType.Bool) && tensor.ElementCount <= MaxElements
            ? new SymbolicTensor(tensor.Dims, [.. tensor.ToInt64s().Select(Dim.Of)]) : null;

    /// <summary>All elements as numbers, or null when one of them is not known.</summary>
    internal long[]? Numbers => Array.TrueForAll(Elements, e => e.IsKnown) ? [.. Elements.Select(e => e.Value)] : null;

    /// <summary>Applies a function element by element with broadcasting; null when the result is too large.</summary>
    internal static SymbolicTensor? Map(IReadOnlyList<SymbolicTensor> operands, Func<Dim[], Dim> function)
    {
        var rank = operands.Max(o => o.Dims.Length);
        var dims = new long[rank];
        for (var axis = 0; axis < rank; axis++)
            dims[axis] = operands.Select(o => o.DimFromEnd(rank - axis)).Aggregate((a, b) => a == 1 ? b : a);
        var count = dims.Aggregate(1L, (a, b) => a * b);
        if (count > MaxElements)
            return null;
        var elements = new Dim[count];
        var arguments = new Dim[operands.Count];
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < arguments.Length; k++)
                arguments[k] = operands[k].At(dims, i);
            elements[i] = function(arguments);
        }
        return new SymbolicTensor(dims, elements);
    }

    long DimFromEnd(int fromEnd) => fromEnd <= Dims.Length ? Dims[^fromEnd] : 1;

    /// <summary>
    /// The element that broadcasting puts at position <paramref name="index"/> of a tensor of shape <paramref name="dims"/>.
    /// </summary>
    Dim At(long[] dims, long index)
    {
        long own = 0, stride = 1;
        for (var fromEnd = 1; fromEnd <= dims.Length; fromEnd++)
        {
            var coordinate = index % dims[^fromEnd];
            index /= dims[^fromEnd];
            if (fromEnd > Dims.Length)
                break;
            if (Dims[^fromEnd] != 1)
                own += coordinate * stride;
            stride *= Dims[^fromEnd];
        }
        return Elements[own];
    }
}
