namespace OrtPeft.Graphs.Shapes;

/// <summary>Operators that move, repeat, join and cut elements.</summary>
static class LayoutShapes
{
    internal static void Transpose(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var order = c.Node.Ints("perm") ?? [.. Enumerable.Range(0, shape.Length).Select(i => (long)(shape.Length - 1 - i))];
        if (order.Count != shape.Length || order.Distinct().Count() != shape.Length)
            throw c.Error($"has perm [{string.Join(", ", order)}], which does not fit its input");
        c.Set(0, c.Type(0), [.. order.Select(i => shape[i])], shape.Length < 2 ? c.Contents(0) : null);
    }

    internal static void Expand(ShapeContext c)
    {
        var target = c.Contents(1)?.Elements;
        if (target is null && c.Shape(1) is [{ IsKnown: true } rank])
            target = [.. Enumerable.Repeat(Dim.Unknown, (int)rank.Value)];
        var shape = c.Broadcast(c.Shape(0), target);
        c.Set(0, c.Type(0), shape, c.Contents(0) is { } contents && shape is not null && Array.TrueForAll(shape, d => d.IsKnown)
            ? SymbolicTensor.Map([contents, new SymbolicTensor([.. shape.Select(d => d.Value)], new Dim[Count(shape)])], x => x[0]) : null);
    }

    internal static void Tile(ShapeContext c)
    {
        var shape = c.Shape(0);
        var repeats = c.Contents(1)?.Elements;
        c.Set(0, c.Type(0), shape is null ? null
            : repeats is null ? [.. shape.Select(_ => Dim.Unknown)] : [.. shape.Select((d, i) => Dim.Multiply(d, repeats[i]))]);
    }

    internal static void Concat(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var axis = c.Axis(c.Int("axis", 1), shape.Length);
        for (var i = 1; i < c.InputCount; i++)
        {
            if (c.Shape(i) is not { } next)
            {
                c.Set(0, c.Type(0), [.. shape.Select(_ => Dim.Unknown)]);
                return;
            }
            if (next.Length != shape.Length)
                throw c.Error("joins tensors of different rank");
            shape = [.. shape.Select((d, k) => k == axis ? Dim.Add(d, next[k]) : c.Equal(d, next[k]))];
        }
        c.Set(0, c.Type(0), shape, shape.Length == 1 ? JoinedContents(c) : null);
    }

    internal static void Split(ShapeContext c)
    {
        var count = c.Node.Outputs.Count;
        var shape = c.Shape(0);
        if (shape is null)
        {
            for (var i = 0; i < count; i++)
                c.Set(i, c.Type(0), null);
            return;
        }
        var axis = c.Axis(c.Int("axis", 0), shape.Length);
        var lengths = c.Node.Ints("split")?.Select(Dim.Of).ToArray() ?? (c.Has(1) ? c.Contents(1)?.Elements : Equal(shape[axis], count));
        if (lengths is not null && lengths.Length != count)
            throw c.Error($"has {lengths.Length} lengths for {count} outputs");
        if (lengths is not null && Dim.Subtract(lengths.Aggregate(Dim.Add), shape[axis]) is { IsKnown: true, Value: not 0 })
            throw c.Error($"cuts {shape[axis]} into [{string.Join(", ", lengths)}]");
        for (int i = 0, start = 0; i < count; i++)
        {
            var part = (Dim[])shape.Clone();
            part[axis] = lengths?[i] ?? Dim.Unknown;
            SymbolicTensor? contents = null;
            if (shape.Length == 1 && part[0].IsKnown && c.Contents(0) is { } whole)
            {
                contents = SymbolicTensor.Vector(whole.Elements[start..(start + (int)part[0].Value)]);
                start += (int)part[0].Value;
            }
            c.Set(i, c.Type(0), part, contents);
        }
    }

    internal static void Pad(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var pads = c.Node.Ints("pads")?.Select(Dim.Of).ToArray() ?? c.Contents(1)?.Elements;
        var axes = c.Has(3) ? c.Contents(3)?.Numbers?.Select(a => c.Axis(a, shape.Length)).ToArray() : [.. Enumerable.Range(0, shape.Length)];
        if (pads is null || axes is null)
        {
            c.Set(0, c.Type(0), [.. shape.Select(_ => Dim.Unknown)]);
            return;
        }
        if (pads.Length != 2 * axes.Length)
            throw c.Error($"has {pads.Length} pads for {axes.Length} dimensions");
        for (var i = 0; i < axes.Length; i++)
            shape[axes[i]] = Dim.Add(shape[axes[i]], Dim.Add(pads[i], pads[i + axes.Length]));
        c.Set(0, c.Type(0), shape);
    }

    internal static void DepthToSpace(ShapeContext c)
    {
        var block = c.Int("blocksize", 1);
        c.Set(0, c.Type(0), c.Shape(0) is [var n, var d, var h, var w]
            ? [n, Dim.Divide(d, block * block), Dim.Multiply(h, block), Dim.Multiply(w, block)] : null);
    }

    internal static void SpaceToDepth(ShapeContext c)
    {
        var block = c.Int("blocksize", 1);
        c.Set(0, c.Type(0), c.Shape(0) is [var n, var d, var h, var w]
            ? [n, Dim.Multiply(d, block * block), Dim.Divide(h, block), Dim.Divide(w, block)] : null);
    }

    static Dim[]? Equal(Dim length, int parts)
    {
        if (!length.IsKnown)
            return parts == 1 ? [length] : null;
        // The last part is smaller when the length is no multiple.
        var size = (length.Value + parts - 1) / parts;
        return [.. Enumerable.Range(0, parts).Select(i => Dim.Of(Math.Max(0, Math.Min(size, length.Value - i * size))))];
    }

    static SymbolicTensor? JoinedContents(ShapeContext c)
    {
        var elements = new List<Dim>();
        for (var i = 0; i < c.InputCount; i++)
        {
            if (c.Contents(i) is { } part)
                elements.AddRange(part.Elements);
            else if (c.Shape(i) is [{ IsKnown: true } length] && length.Value <= SymbolicTensor.MaxElements)
                elements.AddRange(Enumerable.Repeat(Dim.Unknown, (int)length.Value));
            else
                return null;
        }
        return elements.Count <= SymbolicTensor.MaxElements ? SymbolicTensor.Vector([.. elements]) : null;
    }

    static long Count(Dim[] shape) => Dim.Product(shape) is { IsKnown: true, Value: <= SymbolicTensor.MaxElements and >= 0 } count ? count.Value : 0;
}
