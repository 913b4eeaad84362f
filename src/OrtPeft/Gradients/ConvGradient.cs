using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Y = Conv(X, W) + B. dX = ConvTranspose(dY, W). dW = Conv(X, dY) with batch and channels swapped and stride and dilation swapped.
/// dB = sum dY over all but channels.
/// </summary>
static class ConvGradient
{
    internal static void Build(GradientScope g)
    {
        var (x, w, dY) = (g.Input(0), g.Input(1), g.OutputGradient(0));
        var window = Window.Of(g, g.ShapeOf(w).Skip(2));
        if (g.NeedsGradient(0))
            g.InputGradient(0, DX(g, dY, w, x, window, g.Attribute("group", 1)));
        if (g.NeedsGradient(1))
            g.InputGradient(1, DW(g, x, w, dY, window, g.Attribute("group", 1)));
        if (g.NeedsGradient(2))
            g.InputGradient(2, g.ReduceSum(dY, [.. Enumerable.Range(0, g.RankOf(dY)).Where(i => i != 1).Select(i => (long)i)], keepDims: false));
    }

    /// <summary>Spreads every window's gradient over the places it was computed from, then cuts the padding off.</summary>
    internal static string DX(GradientScope g, string dY, string w, string x, Window window, long group)
    {
        var full = g.Node("ConvTranspose", [dY, w], new OnnxAttribute("strides", window.Strides),
            new OnnxAttribute("dilations", window.Dilations), new OnnxAttribute("group", group));
        for (var i = 0; i < window.Rank; i++)
        {
            if (window.Before[i] != 0 || !g.ShapeOf(full)[i + 2].Same(g.ShapeOf(x)[i + 2]))
                full = Padding.Place(g, full, x, i + 2, g.Vector(-window.Before[i]));
        }
        return full;
    }

    static string DW(GradientScope g, string x, string w, string dY, Window window, long group)
    {
        var rank = g.RankOf(x);
        long[] swap = [1, 0, .. Enumerable.Range(2, rank - 2).Select(i => (long)i)];
        var rows = g.Transpose(x, swap);
        if (group > 1)
        {
            // [group * n, batch, ...] to [n, group * batch, ...]: each group sees its own channels of all examples as input channels.
            var perGroup = g.DimOf(w, 1);
            var space = Enumerable.Range(2, rank - 2).Select(i => g.DimOf(x, i)).ToArray();
            var split = g.Reshape(rows, Padding.Join(g, [g.Vector(group), perGroup, g.DimOf(x, 0), .. space]));
            var moved = g.Transpose(split, [1, 0, .. Enumerable.Range(2, rank - 1).Select(i => (long)i)]);
            rows = g.Reshape(moved, Padding.Join(g, [perGroup, g.Vector(-1), .. space]));
        }
        var pads = window.Before.Concat(window.After).ToArray();
        var product = g.Node("Conv", [rows, g.Transpose(dY, swap)], new OnnxAttribute("strides", window.Dilations),
            new OnnxAttribute("dilations", window.Strides), new OnnxAttribute("pads", pads), new OnnxAttribute("group", group));
        // What the stride left over at the end of the image shows as extra rows.
        for (var i = 2; i < rank; i++)
            product = g.ShapeOf(product)[i].Same(g.ShapeOf(w)[i]) ? product : g.Slice(product, i, g.Vector(0), g.DimOf(w, i));
        return g.Transpose(product, swap);
    }
}
