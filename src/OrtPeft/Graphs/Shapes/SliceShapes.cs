namespace OrtPeft.Graphs.Shapes;

/// <summary>Slice: a part of some dimensions.</summary>
static class SliceShapes
{
    internal static void Slice(ShapeContext c)
    {
        if (c.Shape(0) is not { } shape)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var starts = c.Node.Ints("starts")?.Select(Dim.Of).ToArray() ?? c.Contents(1)?.Elements;
        var ends = c.Node.Ints("ends")?.Select(Dim.Of).ToArray() ?? c.Contents(2)?.Elements;
        var hasAxes = c.Has(3) || c.Node.Ints("axes") is not null;
        var count = starts?.Length ?? (c.Shape(1) is [{ IsKnown: true } n] ? (int)n.Value : shape.Length);
        var axes = hasAxes ? c.Ints("axes", 3) : [.. Enumerable.Range(0, count).Select(i => (long)i)];
        var steps = c.Has(4) ? c.Contents(4)?.Numbers : [.. Enumerable.Repeat(1L, count)];
        if (axes is null)
        {
            c.Set(0, c.Type(0), [.. shape.Select(_ => Dim.Unknown)]);
            return;
        }
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = c.Axis(axes[i], shape.Length);
            shape[axis] = starts is null || ends is null || steps is null ? Dim.Unknown : Length(c, shape[axis], starts[i], ends[i], steps[i]);
        }
        var contents = shape is [{ IsKnown: true }] && starts is [{ IsKnown: true } from] && steps is [var step] && c.Contents(0) is { } whole
            ? Part(whole, from.Value, (int)shape[0].Value, step) : null;
        c.Set(0, c.Type(0), shape, contents);
    }

    static SymbolicTensor? Part(SymbolicTensor whole, long start, int count, long step)
    {
        var first = start < 0 ? start + whole.Elements.Length : start;
        first = Math.Clamp(first, 0, Math.Max(0, whole.Elements.Length - 1));
        return SymbolicTensor.Vector([.. Enumerable.Range(0, count).Select(i => whole.Elements[first + i * step])]);
    }

    static Dim Length(ShapeContext c, Dim length, Dim start, Dim end, long step)
    {
        if (step == 0)
            throw c.Error("has step 0");
        if (step < 0)
        {
            return length.IsKnown && start.IsKnown && end.IsKnown
                ? Backwards(length.Value, start.Value, end.Value, step) : Reversed(length, start, end, step);
        }
        var from = Position(length, start);
        var to = Position(length, end);
        var span = Dim.Subtract(to, from);
        if (span.IsKnown)
            return (Math.Max(0, span.Value) + step - 1) / step;
        if (span.LowerBound is not >= 0)
            return Dim.Unknown;
        return step == 1 ? span : Dim.Divide(Dim.Add(span, step - 1), step);
    }

    /// <summary>A bound counted from the start and kept within the dimension.</summary>
    static Dim Position(Dim length, Dim bound)
    {
        if (bound.IsKnown && bound.Value >= int.MaxValue)
            return length;
        if (bound is { IsKnown: true, Value: <= int.MinValue })
            return 0;
        if (IsNegative(bound))
            bound = Dim.Add(length, bound);
        // Every length that is known by name is taken to be at least 1.
        return !length.IsKnown && bound is { IsKnown: true, Value: 0 or 1 } ? bound : Dim.Max(0, Dim.Min(bound, length));
    }

    static bool IsNegative(Dim bound) => Dim.Subtract(0, bound).LowerBound > 0;

    static Dim Reversed(Dim length, Dim start, Dim end, long step) =>
        step == -1 && start is { IsKnown: true, Value: -1 or >= int.MaxValue } && end is { IsKnown: true, Value: <= int.MinValue }
            ? length : Dim.Unknown;

    static Dim Backwards(long length, long start, long end, long step)
    {
        var from = Math.Clamp(start < 0 ? start + length : start, -1, length - 1);
        var to = Math.Clamp(end < 0 ? end + length : end, -1, length - 1);
        return Math.Max(0, (from - to - step - 1) / -step);
    }
}
