using System.Globalization;

namespace OrtPeft;

/// <summary>
/// Reads the scores of a Unigram model as the Hugging Face library does: all digits as one whole number, then one multiplication or division
/// by a power of ten. That is up to a unit in the last place off the number that is written, and decides between tokenizations
/// that would be equally good.
/// </summary>
static class ScoreText
{
    static readonly double[] Powers = [.. Enumerable.Range(0, 309).Select(e => double.Parse($"1e{e}", CultureInfo.InvariantCulture))];

    /// <summary>A finite number, or NaN; <paramref name="text"/> is a number as JSON spells it.</summary>
    internal static double Parse(ReadOnlySpan<char> text)
    {
        var negative = text[0] == '-';
        var (digits, exponent, fraction, full, position) = (0UL, 0L, false, false, negative ? 1 : 0);
        for (; position < text.Length && text[position] is not ('e' or 'E'); position++)
        {
            if (text[position] == '.')
            {
                fraction = true;
                continue;
            }
            var digit = (ulong)(text[position] - '0');
            // What does not fit is left out, and from there on everything.
            full |= digits > (ulong.MaxValue - digit) / 10;
            if (!full)
                digits = digits * 10 + digit;
            exponent += (fraction, full) switch { (true, false) => -1, (false, true) => 1, _ => 0 };
        }
        if (position < text.Length)
            exponent += long.TryParse(text[(position + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var written)
                ? Math.Clamp(written, -100_000, 100_000)
                : text[position + 1] == '-' ? -100_000 : 100_000;
        var value = Scale(digits, exponent);
        return double.IsFinite(value) ? negative ? -value : value : double.NaN;
    }

    static double Scale(double value, long exponent)
    {
        for (; exponent < -308 && value != 0; exponent += 308)
            value /= Powers[308];
        if (value == 0)
            return 0;
        if (exponent > 308)
            return double.NaN;
        return exponent >= 0 ? value * Powers[exponent] : value / Powers[-exponent];
    }
}
