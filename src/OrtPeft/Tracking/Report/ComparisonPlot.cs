namespace OrtPeft;

/// <summary>The heads of a comparison below each other: the metric that decides as a point with its 95 % interval, and what that means.</summary>
static class ComparisonPlot
{
    const double Width = 700;
    const double RowHeight = 30;
    const double Names = 140;
    const double Verdicts = 210;

    internal static Html Draw(IReadOnlyList<HeadReport> heads)
    {
        if (heads.Any(head => head.Compared is null))
            return Html.Empty;
        var metric = heads[0].Compared!.Metric;
        var ticks = Plot.Ticks(heads.Min(head => head.Compared!.Interval.Lower), heads.Max(head => head.Compared!.Interval.Upper), 5);
        var bottom = 14 + RowHeight * heads.Count;
        Plot plot = new() { Left = Names, Right = Width - Verdicts, Top = 14, Bottom = bottom, XRange = (ticks[0], ticks[^1]), YRange = (0, 1) };
        var summary = $"{Show.Metric(metric)} of {Show.Counted(heads.Count, "head")}: " + string.Join("; ", heads.Select(head => $"{head.Name} {Value(head)}, {head.Compared!.Verdict}"));
        return $"""
            <div class="card"><svg class="chart" style="max-width:none" viewBox="0 0 {Width} {bottom + 40}" role="img" aria-label="{summary}">
            {plot.XAxis(ticks, tick => Metrics.IsShare(metric) ? Show.RoundPercent(tick) : Show.Number(tick))}
            {heads.Select((head, i) => Row(plot, head, 14 + RowHeight * (i + 0.5)))}
            <text class="title" x="{(plot.Left + plot.Right) / 2}" y="{bottom + 34}" text-anchor="middle">{Show.Metric(metric)}, with its 95 % interval</text>
            </svg></div>
            """;
    }

    static Html Row(Plot plot, HeadReport head, double y)
    {
        var (interval, value) = (head.Compared!.Interval, head.Metrics[head.Compared.Metric]);
        return $"""
            <text class="name" x="{plot.Left - 12}" y="{y + 4}" text-anchor="end">{Show.Shortened(head.Name, 20)}</text>
            <g class="line first"><path d="M{plot.X(interval.Lower)} {y}L{plot.X(interval.Upper)} {y}"/><circle cx="{plot.X(value)}" cy="{y}" r="4"/></g>
            <text x="{plot.Right + 12}" y="{y + 4}">{Value(head)}, {head.Compared.Verdict}</text>
            """;
    }

    static string Value(HeadReport head) => Show.Metric(head.Compared!.Metric, head.Metrics[head.Compared.Metric]);
}
