namespace OrtPeft;

/// <summary>A dev metric against the number of trained values, which has a logarithmic scale; what training everything reaches is a dashed line.</summary>
/// <param name="Points">Trained values and metric, rising.</param>
/// <param name="Everything">The same without pruning.</param>
/// <param name="Metric">The metric.</param>
sealed record BudgetCurve(IReadOnlyList<(long Kept, double Value)> Points, (long Kept, double Value) Everything, string Metric)
    : FoundPicture("What a budget is worth", "The metric on the dev part against trained values, without the head. The dashed line is the search, which trains everything.")
{
    const double Width = 860, Height = 240;

    internal static BudgetCurve Of(IReadOnlyList<BudgetResult> results, string metric)
    {
        (long, double)[] all = [.. results.Select(r => (r.Kept, r.Metrics[metric]))];
        return new BudgetCurve(all[..^1], all[^1], metric);
    }

    internal override Html Draw()
    {
        Func<double, string> show = Metrics.IsShare(Metric) ? Show.Percent : Show.Number;
        var values = Points.Append(Everything).Select(p => p.Value).ToArray();
        var ticks = Plot.Ticks(values.Min(), values.Max(), 4);
        var (first, last) = (Math.Log10(Points[0].Kept), Math.Log10(Everything.Kept));
        Plot plot = new() { Left = 56, Right = Width - 100, Top = 14, Bottom = Height - 44, XRange = (first, Math.Max(last, first + 0.1)), YRange = (ticks[0], ticks[^1]) };
        var summary = $"{Show.Metric(Metric)} on the dev part: {string.Join(", ", Points.Append(Everything).Select(p => $"{show(p.Value)} with {Show.Count(p.Kept)} values"))}.";
        return $"""
            <p class="note">{Note}</p>
            <svg class="chart" style="max-width:none" viewBox="0 0 {Width} {Height}" role="img" aria-label="{summary}">
            {plot.Grid(ticks, show)}
            {plot.XAxis(Points.Append(Everything).Select(p => Math.Log10(p.Kept)), tick => Show.Count((long)Math.Round(Math.Pow(10, tick))))}
            {plot.Line([(first, Everything.Value), (plot.XRange.Max, Everything.Value)], "muted dashed")}
            {plot.Line([.. Points.Select(p => (Math.Log10(p.Kept), p.Value))], "first")}
            <text class="end muted" x="{plot.Right + 8}" y="{plot.Y(Everything.Value) + 3.5}">everything</text>
            <text class="title" x="{(plot.Left + plot.Right) / 2}" y="{Height - 6}" text-anchor="middle">trained values; {Show.Metric(Metric)}</text>
            </svg>
            """;
    }
}
