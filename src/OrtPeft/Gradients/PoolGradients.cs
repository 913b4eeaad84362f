using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Pooling.</summary>
static class PoolGradients
{
    /// <summary>Y = mean of X over the image. dX = dY / n, repeated.</summary>
    internal static void GlobalAverage(GradientScope g)
    {
        var (x, dY) = (g.Input(0), g.OutputGradient(0));
        var size = Dim.Product(g.ShapeOf(x).Skip(2));
        var share = size.IsKnown ? g.Mul(dY, 1.0 / size.Value)
            : g.Div(dY, g.Cast(g.Div(g.Node("Size", [x]), g.Node("Size", [dY])), g.TypeOf(dY)));
        g.InputGradient(0, g.ExpandLike(share, x));
    }

    /// <summary>Y = the largest in each window. dX = dY at the place of the largest, which the operator itself reports.</summary>
    internal static void Max(GradientScope g)
    {
        var x = g.Input(0);
        var places = g.Reshape(g.ExtraOutput(1), -1);
        var flat = g.Reshape(g.OutputGradient(0), -1, 1);
        g.InputGradient(0, g.Reshape(GatherGradient.Scatter(g, flat, places, g.Unsqueeze(g.Node("Size", [x]), 0)), g.Shape(x)));
    }

    /// <summary>Y = mean of each window. dX = dY / n spread over each window: a transposed convolution with ones, image by image.</summary>
    internal static void Average(GradientScope g)
    {
        var (x, dY) = (g.Input(0), g.OutputGradient(0));
        var window = Window.Of(g, []);
        if (g.Attribute("ceil_mode", 0) != 0)
            throw g.Error("rounds the number of windows up (ceil_mode)");
        var ones = g.Constant(Constants.Of("", g.TypeOf(x),
            [.. Enumerable.Repeat(1.0, (int)window.Kernel.Aggregate((a, b) => a * b))], [1, 1, .. window.Kernel]));
        var images = Images(g, g.Div(dY, Count(g, x, ones, window)));
        var like = Images(g, x);
        g.InputGradient(0, g.Reshape(ConvGradient.DX(g, images, ones, like, window, 1), g.Shape(x)));
    }

    /// <summary>Elements that count in each window: all of them, or those that are not padding.</summary>
    static string Count(GradientScope g, string x, string ones, Window window)
    {
        if (g.Attribute("count_include_pad", 0) != 0 || window.Before.Concat(window.After).All(p => p == 0))
            return g.Scalar(window.Kernel.Aggregate((a, b) => a * b), x);
        var image = g.Expand(g.Constant(Constants.Of("", g.TypeOf(x), [1], [.. g.ShapeOf(x).Select(_ => 1L)])),
            Padding.Join(g, [g.Vector(1, 1), .. Enumerable.Range(2, window.Rank).Select(i => g.DimOf(x, i))]));
        return g.Node("Conv", [image, ones], new OnnxAttribute("strides", window.Strides), new OnnxAttribute("dilations", window.Dilations),
            new OnnxAttribute("pads", [.. window.Before, .. window.After]));
    }

    /// <summary>[batch, channels, ...] as [batch * channels, 1, ...].</summary>
    static string Images(GradientScope g, string x) =>
        g.Reshape(x, Padding.Join(g, [g.Vector(-1, 1), .. Enumerable.Range(2, g.RankOf(x) - 2).Select(i => g.DimOf(x, i))]));
}
