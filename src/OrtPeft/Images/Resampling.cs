namespace OrtPeft;

/// <summary>
/// Resizes as Pillow does: one filter over rows, then one over columns, each widened by the factor of reduction (so that nothing aliases), with
/// half-pixel centres and weights that sum to 1 at the borders. Whole levels are rounded and clipped after each of the two, and weights are fractions
/// of 2^22, as in Pillow's integer arithmetic: every pixel is the same.
/// </summary>
static class Resampling
{
    internal const string Bilinear = "bilinear", Bicubic = "bicubic";
    const double FixedPoint = 1 << 22;

    static readonly double[] One = [1];

    /// <summary>A filter by its name: how far it reaches, in pixels of the larger grid, and its weight at a distance.</summary>
    sealed record Filter(double Support, Func<double, double> Weight);

    static readonly Dictionary<string, Filter> Filters = new()
    {
        [Bilinear] = new(1, x => 1 - x),
        // Keys 1981 with a = -1/2.
        [Bicubic] = new(2, x => x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2),
    };

    internal static Pixels Resize(Pixels image, int height, int width, string filter)
    {
        var levels = new float[image.Channels * height * width];
        var (columns, rows) = (Weights(image.Width, width, Filters[filter], image.Whole), Weights(image.Height, height, Filters[filter], image.Whole));
        var between = new float[image.Height * width];
        for (var channel = 0; channel < image.Channels; channel++)
        {
            var plane = image.Plane(channel);
            for (var y = 0; y < image.Height; y++)
                Pass(plane.Slice(y * image.Width, image.Width), 1, columns, between.AsSpan(y * width, width), 1, image.Whole);
            var target = levels.AsSpan(channel * height * width, height * width);
            for (var x = 0; x < width; x++)
                Pass(between.AsSpan(x), width, rows, target[x..], width, image.Whole);
        }
        return image with { Height = height, Width = width, Levels = levels };
    }

    /// <summary>One line of pixels, <paramref name="step"/> apart, to another.</summary>
    static void Pass(ReadOnlySpan<float> source, int step, (int First, double[] Weights)[] taps, Span<float> target, int targetStep, bool round)
    {
        for (var i = 0; i < taps.Length; i++)
        {
            var (first, weights) = taps[i];
            var sum = 0.0;
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * source[(first + k) * step];
            target[i * targetStep] = (float)(round ? Math.Clamp(Math.Floor(sum + 0.5), 0, 255) : sum);
        }
    }

    /// <summary>For each pixel of the result the first source pixel that it reads, and what that one and its neighbours weigh.</summary>
    static (int First, double[] Weights)[] Weights(int from, int to, Filter filter, bool whole)
    {
        if (from == to)
            return [.. Enumerable.Range(0, to).Select(i => (i, One))];
        var scale = (double)from / to;
        var stretch = Math.Max(scale, 1);
        var support = filter.Support * stretch;
        var taps = new (int, double[])[to];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var first = Math.Max(0, (int)(center - support + 0.5));
            var end = Math.Min(from, (int)(center + support + 0.5));
            var weights = new double[end - first];
            for (var k = 0; k < weights.Length; k++)
            {
                var distance = Math.Abs((first + k - center + 0.5) / stretch);
                weights[k] = distance < filter.Support ? filter.Weight(distance) : 0;
            }
            var sum = weights.Sum();
            taps[i] = (first, [.. weights.Select(w => whole ? Math.Round(w / sum * FixedPoint, MidpointRounding.AwayFromZero) / FixedPoint : w / sum)]);
        }
        return taps;
    }
}
