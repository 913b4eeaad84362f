namespace OrtPeft;

/// <summary>The largest difference of values that should be equal, and the largest value.</summary>
readonly record struct Difference(double Largest, double Scale)
{
    internal Difference With(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        var (largest, scale) = this;
        if (actual.Length != expected.Length)
            return new Difference(double.PositiveInfinity, scale);
        for (var i = 0; i < actual.Length; i++)
        {
            var difference = Math.Abs((double)actual[i] - expected[i]);
            largest = difference <= largest ? largest : difference; // a NaN stays
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }
        return new Difference(largest, scale);
    }
}
