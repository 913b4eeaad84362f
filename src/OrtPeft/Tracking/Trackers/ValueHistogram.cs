namespace OrtPeft;

/// <summary>How the values of a tensor are spread: thirty equal buckets from the least to the largest finite value.</summary>
/// <param name="Min">The least value.</param>
/// <param name="Max">The largest value.</param>
/// <param name="Count">How many finite values there are.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="SumOfSquares">The sum of their squares.</param>
/// <param name="Limits">The upper limit of each bucket.</param>
/// <param name="Counts">How many values lie in each bucket.</param>
sealed record ValueHistogram(double Min, double Max, long Count, double Sum, double SumOfSquares, double[] Limits, long[] Counts)
{
    const int Buckets = 30;

    internal static ValueHistogram Of(ReadOnlySpan<float> values)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity, sum = 0, squares = 0;
        long count = 0;
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                continue;
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
            sum += value;
            squares += (double)value * value;
            count++;
        }
        if (count == 0)
            (min, max) = (0, 0);
        // A tensor of equal values still gets a bucket that has a width.
        var width = max > min ? (max - min) / Buckets : 1;
        var counts = new long[Buckets];
        foreach (var value in values)
        {
            if (float.IsFinite(value))
                counts[Math.Min(Buckets - 1, (int)((value - min) / width))]++;
        }
        return new ValueHistogram(min, max, count, sum, squares, [.. Enumerable.Range(1, Buckets).Select(i => min + i * width)], counts);
    }
}
