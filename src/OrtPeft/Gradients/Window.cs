using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>How a convolution or pooling window moves over the image, one number for each spatial dimension.</summary>
sealed record Window(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After)
{
    internal int Rank => Kernel.Length;

    internal static Window Of(GradientScope g, IEnumerable<Dim> kernel)
    {
        long[] size = g.Current.Ints("kernel_shape") is { } given ? [.. given]
            : [.. kernel.Select(d => d.IsKnown ? d.Value : throw g.Error("has a kernel of unknown size"))];
        var rank = size.Length;
        var strides = g.Current.Ints("strides")?.ToArray() ?? [.. Enumerable.Repeat(1L, rank)];
        var dilations = g.Current.Ints("dilations")?.ToArray() ?? [.. Enumerable.Repeat(1L, rank)];
        var mode = g.Attribute("auto_pad", "NOTSET");
        var pads = mode switch
        {
            "SAME_UPPER" or "SAME_LOWER" => Same(g, size, strides, dilations, mode == "SAME_UPPER"),
            "NOTSET" when g.Current.Ints("pads") is { } explicitPads => [.. explicitPads],
            _ => new long[2 * rank],
        };
        return new Window(size, strides, dilations, pads[..rank], pads[rank..]);
    }

    /// <summary>As much padding as makes the output as long as the input divided by the stride.</summary>
    static long[] Same(GradientScope g, long[] kernel, long[] strides, long[] dilations, bool upper)
    {
        var pads = new long[2 * kernel.Length];
        for (var i = 0; i < kernel.Length; i++)
        {
            var length = g.ShapeOf(g.Input(0))[i + 2] is { IsKnown: true } known ? known.Value
                : throw g.Error($"has auto_pad on dimension {i + 2} of unknown length");
            var windows = (length + strides[i] - 1) / strides[i];
            var total = Math.Max(0, (windows - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - length);
            pads[i] = upper ? total / 2 : total - total / 2;
            pads[i + kernel.Length] = total - pads[i];
        }
        return pads;
    }
}
