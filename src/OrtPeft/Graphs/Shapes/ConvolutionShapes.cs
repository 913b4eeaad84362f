namespace OrtPeft.Graphs.Shapes;

/// <summary>Convolutions, pooling and resizing.</summary>
static class ConvolutionShapes
{
    internal static void Conv(ShapeContext c)
    {
        if (c.Shape(0) is not [var batch, _, .. var space] || c.Shape(1) is not [var channels, _, .. var kernel])
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        c.Set(0, c.Type(0), [batch, channels, .. Windows(c, space, c.Node.Ints("kernel_shape")?.Select(Dim.Of).ToArray() ?? kernel)]);
    }

    internal static void ConvTranspose(ShapeContext c)
    {
        if (c.Shape(0) is not [var batch, _, .. var space] || c.Shape(1) is not [_, var perGroup, .. var kernel])
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        var lengths = new Dim[space.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            var pads = c.Node.Ints("pads") is { } p ? p[i] + p[i + lengths.Length] : 0;
            var stride = c.Node.Ints("strides")?[i] ?? 1;
            var reach = Dim.Add(Dim.Multiply(Dim.Subtract(kernel[i], 1), c.Node.Ints("dilations")?[i] ?? 1), 1);
            var full = Dim.Add(Dim.Multiply(Dim.Subtract(space[i], 1), stride), reach);
            lengths[i] = c.Node.Ints("output_shape") is { } given ? given[i]
                : c.Node.Text("auto_pad", "NOTSET") is "SAME_UPPER" or "SAME_LOWER" ? Dim.Multiply(space[i], stride)
                : Dim.Add(full, (c.Node.Ints("output_padding")?[i] ?? 0) - pads);
        }
        c.Set(0, c.Type(0), [batch, Dim.Multiply(perGroup, c.Int("group", 1)), .. lengths]);
    }

    internal static void Pool(ShapeContext c)
    {
        if (c.Shape(0) is not [var batch, var channels, .. var space] || c.Node.Ints("kernel_shape") is not { } kernel)
        {
            c.Set(0, c.Type(0), null);
            return;
        }
        Dim[] shape = [batch, channels, .. Windows(c, space, [.. kernel.Select(Dim.Of)])];
        c.Set(0, c.Type(0), shape);
        c.Set(1, OnnxType.Int64, shape);
    }

    internal static void GlobalPool(ShapeContext c) =>
        c.Set(0, c.Type(0), c.Shape(0) is [var batch, var channels, .. var space] ? [batch, channels, .. space.Select(_ => Dim.Of(1))] : null);

    internal static void Resize(ShapeContext c)
    {
        var shape = c.Shape(0);
        if (shape is null || c.Node.Ints("axes") is not null)
        {
            c.Set(0, c.Type(0), shape?.Select(_ => Dim.Unknown).ToArray());
            return;
        }
        // Opset 10 and Upsample have the scales as second input, later ones as third.
        var scalesInput = c.Node.OpType == "Upsample" || c.Opset < 11 ? 1 : 2;
        var sizes = c.Opset >= 11 && c.Has(3) ? c.Contents(3)?.Elements : null;
        if (sizes is not null)
            c.Set(0, c.Type(0), sizes);
        else if (c.Constant(scalesInput) is { } constant && constant.ToFloats() is { Length: > 0 } scales)
            c.Set(0, c.Type(0), [.. shape.Select((d, i) => scales[i] == 1 ? d : d.IsKnown ? (long)Math.Floor(d.Value * scales[i]) : Dim.Unknown)]);
        else
            c.Set(0, c.Type(0), [.. shape.Select(_ => Dim.Unknown)]);
    }

    /// <summary>How many windows fit along each spatial dimension.</summary>
    static Dim[] Windows(ShapeContext c, Dim[] space, Dim[] kernel)
    {
        if (space.Length != kernel.Length)
            throw c.Error($"has a kernel of {kernel.Length} dimensions for {space.Length}");
        var mode = c.Node.Text("auto_pad", "NOTSET");
        var ceil = c.Int("ceil_mode", 0) != 0;
        return [.. space.Select((length, i) =>
        {
            var stride = c.Node.Ints("strides")?[i] ?? 1;
            var reach = Dim.Add(Dim.Multiply(Dim.Subtract(kernel[i], 1), c.Node.Ints("dilations")?[i] ?? 1), 1);
            if (mode is "SAME_UPPER" or "SAME_LOWER")
                return Dim.Divide(Dim.Add(length, stride - 1), stride);
            var pads = mode == "NOTSET" && c.Node.Ints("pads") is { } p ? (p[i], p[i + space.Length]) : (0, 0);
            var room = Dim.Subtract(Dim.Add(length, pads.Item1 + pads.Item2), reach);
            if (room is { IsKnown: true, Value: < 0 })
                throw c.Error($"has a kernel longer than dimension {i + 2}");
            var count = Dim.Add(Dim.Divide(ceil ? Dim.Add(room, stride - 1) : room, stride), 1);
            // A last window that would begin in the padding at the end is left out.
            return ceil && count.IsKnown && length.IsKnown && (count.Value - 1) * stride >= length.Value + pads.Item1 ? count.Value - 1 : count;
        })];
    }
}
