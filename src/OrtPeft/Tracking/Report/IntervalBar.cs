namespace OrtPeft;

/// <summary>A share as a number with a small drawing of its 95 % interval, on a scale that all bars of one table have in common.</summary>
static class IntervalBar
{
    const double Width = 110;

    /// <summary>Where the scale starts: a round value below every interval.</summary>
    internal static double Start(IEnumerable<Proportion> shares) =>
        Math.Min(0.9, Math.Floor(shares.Select(share => share.Lower).DefaultIfEmpty().Min() * 10) / 10);

    /// <summary>What the ends of the bars mean, to stand below the table.</summary>
    internal static Html Legend(double start) =>
        $"""<p class="note">Bars run from {Show.RoundPercent(start)} to 100 %; the band is the 95 % interval.</p>""";

    internal static Html Draw(Proportion share, double start)
    {
        if (share.Whole == 0)
            return $"""<span class="value">–</span>""";
        var interval = $"95 % interval {Show.Interval(share)}";
        return $"""
            <span class="value">{Show.Percent(share.Value)}</span>
            <svg class="interval" viewBox="0 0 {Width} 12" preserveAspectRatio="none" role="img" aria-label="{interval}">
            <title>{interval}</title>
            <line class="track" x1="0" x2="{Width}" y1="6" y2="6"/>
            <rect x="{X(share.Lower)}" width="{X(share.Upper) - X(share.Lower)}" y="3" height="6" rx="3"/>
            <rect class="point" x="{X(share.Value) - 1.25}" width="2.5" y="0.5" height="11" rx="1.2"/>
            </svg>
            """;

        double X(double value) => 2 + (Width - 4) * (value - start) / (1 - start);
    }
}
