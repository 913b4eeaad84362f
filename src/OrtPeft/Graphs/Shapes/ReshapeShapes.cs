namespace OrtPeft.Graphs.Shapes;

/// <summary>Operators that give the same elements another shape.</summary>
static class ReshapeShapes
{
    internal static void Reshape(ShapeContext c)
    {
        var input = c.Shape(0);
        if (c.Contents(1) is not { } target)
        {
            var rank = c.Shape(1) is [var length] && length.IsKnown ? length.Value : -1;
            c.Set(0, c.Type(0), rank is >= 0 and < 64 ? [.. Enumerable.Repeat(Dim.Unknown, (int)rank)] : null);
            return;
        }
        var dims = (Dim[])target.Elements.Clone();
        var inferred = -1;
        for (var i = 0; i < dims.Length; i++)
        {
            if (dims[i].Is(0) && c.Int("allowzero", 0) == 0)
                dims[i] = input is null ? Dim.Unknown : i < input.Length ? input[i]
                    : throw c.Error($"copies dimension {i}, which its input does not have");
            else if (dims[i].Is(-1) && inferred >= 0)
                throw c.Error("leaves two dimensions open");
            else if (dims[i].Is(-1))
                inferred = i;
        }
        if (input is not null)
        {
            var total = Dim.Product(input);
            var rest = Dim.Product(dims.Where((_, i) => i != inferred));
            if (inferred >= 0)
                dims[inferred] = Infer(c, total, rest, input, dims, inferred);
            else if (total.IsKnown && rest.IsKnown && total != rest)
                throw c.Error($"gives {total} elements the shape [{string.Join(", ", dims)}]");
            else
                Complete(dims, total);
        }
        else if (inferred >= 0)
            dims[inferred] = Dim.Unknown;
        c.Set(0, c.Type(0), dims, c.Contents(0) is { } contents && Numbers(dims) is { } numbers ? contents with { Dims = numbers } : null);
    }

    internal static void Flatten(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
        {
            c.Set(0, c.Type(0), [Dim.Unknown, Dim.Unknown]);
            return;
        }
        var axis = c.Int("axis", 1);
        var at = (int)(axis < 0 ? axis + shape.Length : axis);
        c.Set(0, c.Type(0), [Dim.Product(shape[..at]), Dim.Product(shape[at..])]);
    }

    internal static void Squeeze(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axes = c.Ints("axes", 1);
        if (shape is null || (axes is null && (c.Has(1) || Array.Exists(shape, d => !d.IsKnown))))
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var removed = axes?.Select(a => c.Axis(a, shape.Length)).ToHashSet() ?? [.. Enumerable.Range(0, shape.Length).Where(i => shape[i].Is(1))];
        if (removed.FirstOrDefault(a => shape[a].IsKnown && !shape[a].Is(1), -1) is >= 0 and var axis)
            throw c.Error($"removes dimension {axis}, which is not 1");
        Set(c, [.. shape.Where((_, i) => !removed.Contains(i))]);
    }

    internal static void Unsqueeze(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape || c.Ints("axes", 1) is not { } axes)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var rank = shape.Length + axes.Length;
        var added = axes.Select(a => c.Axis(a, rank)).ToHashSet();
        if (added.Count != axes.Length)
            throw c.Error("adds one dimension twice");
        var next = 0;
        Set(c, [.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? 1 : shape[next++])]);
    }

    static void Set(ShapeContext c, Dim[] shape) =>
        c.Set(0, c.Type(0), shape, c.Contents(0) is { } contents && Numbers(shape) is { } dims ? contents with { Dims = dims } : null);

    static long[]? Numbers(Dim[] dims) => Array.TrueForAll(dims, d => d.IsKnown) ? [.. dims.Select(d => d.Value)] : null;

    /// <summary>The dimension written as -1. Equal dimensions on both sides cancel before dividing, also unknown ones.</summary>
    static Dim Infer(ShapeContext c, Dim total, Dim rest, Dim[] input, Dim[] dims, int inferred)
    {
        if (total.IsKnown && rest.IsKnown)
        {
            if (rest.Is(0) || total.Value % rest.Value != 0)
                throw c.Error($"cannot give {total} elements the shape [{string.Join(", ", dims)}]");
            return total.Value / rest.Value;
        }
        var left = input.ToList();
        var right = dims.Where((d, i) => i != inferred && !(left.FindIndex(l => l.Same(d)) is >= 0 and var at && Remove(left, at))).ToList();
        return Dim.Divide(Dim.Product(left), Dim.Product(right));
    }

    /// <summary>A single unknown dimension follows from the number of elements.</summary>
    static void Complete(Dim[] dims, Dim total)
    {
        if (dims.Count(d => d.IsUnknown) != 1 || total.IsUnknown)
            return;
        var open = Array.FindIndex(dims, d => d.IsUnknown);
        dims[open] = Dim.Divide(total, Dim.Product(dims.Where((_, i) => i != open)));
    }

    static bool Remove(List<Dim> dims, int at)
    {
        dims.RemoveAt(at);
        return true;
    }
}
