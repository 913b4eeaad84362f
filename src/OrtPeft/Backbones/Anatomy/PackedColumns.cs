using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Which columns of a packed product arrive at a tensor behind it. Followed through reshaping, transposing and cutting: each axis of a tensor
/// may run over the columns with a stride, and together the axes name the columns.
/// </summary>
sealed class PackedColumns(EncoderGraph g, LinearSite product)
{
    /// <summary>No encoder puts more operators between a projection and its use.</summary>
    const int MaxSteps = 100;

    readonly Dictionary<string, bool[]?> _columns = [];

    /// <summary>The ranges of columns, in ascending order; null when they cannot be told.</summary>
    internal static IReadOnlyList<ColumnRange>? At(EncoderGraph g, LinearSite product, string tensor) =>
        new PackedColumns(g, product).Columns(tensor, MaxSteps) is { } columns && Ranges(columns) is { Count: > 0 } ranges ? ranges : null;

    /// <summary>An axis that runs over columns first, first + stride, ...; null for an axis that does not.</summary>
    readonly record struct Axis(int Start, int Count, int Stride);

    bool[]? Columns(string tensor, int steps)
    {
        if (!_columns.TryGetValue(tensor, out var columns) && steps > 0)
            _columns.Add(tensor, columns = Axes(tensor, steps) is { } axes ? All(axes) : Union(g.Producer(tensor)?.Inputs.Where(g.Flow.Carries) ?? [], steps));
        return columns;
    }

    /// <summary>Behind arithmetic (rotary embedding joins halves): what arrives from all inputs together.</summary>
    bool[]? Union(IEnumerable<string> inputs, int steps)
    {
        var union = new bool[product.OutWidth];
        foreach (var input in inputs)
        {
            if (Columns(input, steps - 1) is not { } columns)
                return null;
            for (var i = 0; i < union.Length; i++)
                union[i] |= columns[i];
        }
        return union;
    }

    Axis?[]? Axes(string tensor, int steps)
    {
        if (tensor == product.Output || tensor == product.Product)
        {
            var axes = new Axis?[g.ShapeOf(tensor)?.Count ?? 0];
            if (axes.Length > 0)
                axes[^1] = new Axis(0, product.OutWidth, 1);
            return axes.Length > 0 ? axes : null;
        }
        if (steps == 0 || g.Producer(tensor) is not { IsStandard: true } node || !g.Flow.Carries(node.Input(0)) || Axes(node.Input(0), steps - 1) is not { } from)
            return null;
        return node.OpType switch
        {
            "Cast" or "Identity" => from,
            "Mul" or "Div" or "Add" when !g.Flow.Carries(node.Input(1)) => from,
            "Reshape" => Reshape(from, g.ShapeOf(tensor)),
            "Transpose" => Transpose(from, node.Ints("perm") ?? [.. Enumerable.Range(0, from.Length).Reverse().Select(i => (long)i)]),
            "Unsqueeze" => Unsqueeze(from, Numbers(node, "axes", 1)),
            "Squeeze" => Squeeze(from, Numbers(node, "axes", 1)),
            "Split" => Split(from, node, tensor),
            "Slice" => Slice(from, node),
            "Gather" => Gather(from, node),
            _ => null,
        };
    }

    /// <summary>Splits the last axis, which is how exporters separate packed parts and heads; other axes are left as they are.</summary>
    static Axis?[]? Reshape(Axis?[] from, IReadOnlyList<Dim>? shape)
    {
        if (shape is null || from[^1] is not { } last || from[..^1].Any(a => a is not null))
            return null;
        var to = new Axis?[shape.Count];
        var (rest, stride) = (last.Count, last.Stride);
        for (var i = to.Length - 1; i >= 0 && rest > 1; i--)
        {
            if (!shape[i].IsKnown || shape[i].Value <= 0 || rest % shape[i].Value != 0)
                return null;
            var count = (int)shape[i].Value;
            to[i] = new Axis(0, count, stride);
            (rest, stride) = (rest / count, stride * count);
        }
        if (Array.FindIndex(to, a => a is not null) is >= 0 and var first)
            to[first] = to[first]!.Value with { Start = last.Start };
        return rest == 1 ? to : null;
    }

    static Axis?[]? Transpose(Axis?[] from, IReadOnlyList<long> order) =>
        order.Count == from.Length && order.All(i => i >= 0 && i < from.Length) ? [.. order.Select(i => from[i])] : null;

    static Axis?[]? Unsqueeze(Axis?[] from, long[]? axes)
    {
        if (axes is null)
            return null;
        var rank = from.Length + axes.Length;
        var added = axes.Select(a => a < 0 ? a + rank : a).ToHashSet();
        if (added.Count != axes.Length || added.Any(a => a < 0 || a >= rank))
            return null;
        var rest = new Queue<Axis?>(from);
        return [.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? null : rest.Dequeue())];
    }

    static Axis?[]? Squeeze(Axis?[] from, long[]? axes)
    {
        var removed = axes?.Select(a => a < 0 ? a + from.Length : a).ToHashSet();
        // A removed axis of one column still says which.
        return removed is null ? null : Keep(from, [.. Enumerable.Range(0, from.Length).Where(i => !removed.Contains(i))]);
    }

    Axis?[]? Split(Axis?[] from, OnnxNode node, string tensor)
    {
        if (Place(node.Int("axis", 0), from) is not { } axis || from[axis] is not { } all)
            return from;
        var (count, index) = (node.Outputs.Count, node.Outputs.IndexOf(tensor));
        var sizes = Numbers(node, "split", 1) ?? [.. Enumerable.Repeat((long)all.Count / count, count)];
        return sizes.Length == count && sizes.All(s => s >= 0) && sizes.Sum() == all.Count ? Cut(from, axis, (int)sizes.Take(index).Sum(), (int)sizes[index]) : null;
    }

    Axis?[]? Slice(Axis?[] from, OnnxNode node)
    {
        var (starts, ends) = (Numbers(node, "starts", 1), Numbers(node, "ends", 2));
        var axes = Numbers(node, "axes", 3) ?? (starts is null ? null : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)]);
        if (axes is null)
            return null;
        var to = from;
        for (var i = 0; i < axes.Length && to is not null; i++)
        {
            if (Place(axes[i], from) is not { } axis || from[axis] is not { } all)
                continue;
            if (starts?.Length != axes.Length || ends?.Length != axes.Length || Numbers(node, "steps", 4)?.Any(s => s != 1) == true)
                return null;
            var start = (int)Math.Clamp(starts[i] < 0 ? starts[i] + all.Count : starts[i], 0, all.Count);
            var end = (int)Math.Clamp(ends[i] < 0 ? ends[i] + all.Count : ends[i], start, all.Count);
            to = Cut(to, axis, start, end - start);
        }
        return to;
    }

    Axis?[]? Gather(Axis?[] from, OnnxNode node)
    {
        if (Place(node.Int("axis", 0), from) is not { } axis || from[axis] is not { } all
            || g.Shapes.Contents(node.Input(1)) is not { Dims: [], Numbers: [var index] } || index < -all.Count || index >= all.Count)
            return null;
        var cut = Cut(from, axis, (int)(index < 0 ? index + all.Count : index), 1);
        return Keep(cut, [.. Enumerable.Range(0, from.Length).Where(i => i != axis)]);
    }

    /// <summary>Drops axes of one column; their column becomes the start of another axis.</summary>
    static Axis?[]? Keep(Axis?[] from, int[] kept)
    {
        var to = kept.Select(i => from[i]).ToArray();
        foreach (var dropped in Enumerable.Range(0, from.Length).Except(kept).Select(i => from[i]).OfType<Axis>())
        {
            var heir = Array.FindIndex(to, a => a is not null);
            if (dropped.Count != 1 || heir < 0)
                return null;
            to[heir] = to[heir]!.Value with { Start = to[heir]!.Value.Start + dropped.Start };
        }
        return to;
    }

    static Axis?[] Cut(Axis?[] from, int axis, int start, int count)
    {
        var to = (Axis?[])from.Clone();
        var all = from[axis]!.Value;
        to[axis] = new Axis(all.Start + start * all.Stride, count, all.Stride);
        return to;
    }

    static int? Place(long axis, Axis?[] axes) => axis >= -axes.Length && axis < axes.Length ? (int)(axis < 0 ? axis + axes.Length : axis) : null;

    long[]? Numbers(OnnxNode node, string attribute, int input) => node.Ints(attribute)?.ToArray() ?? (node.Input(input).Length > 0 ? g.Shapes.Contents(node.Input(input))?.Numbers : null);

    bool[] All(Axis?[] axes)
    {
        List<int> columns = [0];
        foreach (var axis in axes.OfType<Axis>())
            columns = [.. columns.SelectMany(c => Enumerable.Range(0, axis.Count).Select(i => c + axis.Start + i * axis.Stride))];
        var all = new bool[product.OutWidth];
        foreach (var column in columns)
            all[column] = true;
        return all;
    }

    static List<ColumnRange> Ranges(bool[] columns)
    {
        var ranges = new List<ColumnRange>();
        for (var i = 0; i < columns.Length; i++)
        {
            if (!columns[i])
                continue;
            if (i > 0 && columns[i - 1])
                ranges[^1] = ranges[^1] with { Count = ranges[^1].Count + 1 };
            else
                ranges.Add(new ColumnRange(i, 1));
        }
        return ranges;
    }
}
