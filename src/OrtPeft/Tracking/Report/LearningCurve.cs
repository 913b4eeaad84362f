namespace OrtPeft;

/// <summary>Training and dev loss, and below them the dev metrics, by epoch. The epoch that was kept is marked.</summary>
static class LearningCurve
{
    const double Width = 420;
    const double Height = 320;
    const double LabelSpacing = 13;
    const double SmallestShareRange = 0.02;
    const double SmallestLossRange = 0.001;

    internal static Html Draw(HeadReport head)
    {
        var epochs = head.Epochs;
        List<Series> losses = [new("training", "muted", Points(epochs, epoch => epoch.Loss))];
        if (epochs.Any(epoch => epoch.DevLoss is not null))
            losses.Add(new("dev", "first", Points(epochs, epoch => epoch.DevLoss)));
        List<Series> metrics = [.. epochs.SelectMany(epoch => epoch.Metrics.Keys).Distinct().Where(name => !Metrics.IsError(name)).Take(3)
            .Select((name, i) => new Series(Show.Metric(name), i == 0 ? "first" : "first dashed", Points(epochs, epoch => Metric(epoch, name))))];

        var last = epochs[^1];
        var summary = $"Learning curve of {head.Name} over {Show.Counted(epochs.Count, "epoch")}: "
            + $"training loss from {Show.Number(epochs[0].Loss)} to {Show.Number(last.Loss)}"
            + string.Concat(last.Metrics.Select(metric => $", dev {Show.Metric(metric.Key)} {Show.Metric(metric.Key, metric.Value)} at the end")) + ".";
        var hasMetrics = metrics.Count > 0;
        Html metricPanel = hasMetrics ? Panel(head, metrics, "Dev metric", top: 190, bottom: Height - 38, isShare: true) : Html.Empty;
        var height = hasMetrics ? Height : 176;
        return $"""
            <svg class="chart" viewBox="0 0 {Width} {height}" role="img" aria-label="{summary}">
            {Panel(head, losses, "Loss", top: 26, bottom: 138, isShare: false)}
            {metricPanel}
            <text class="title" x="{Width / 2 - 25}" y="{height - 6}" text-anchor="middle">epoch</text>
            </svg>
            """;
    }

    static Html Panel(HeadReport head, List<Series> series, string title, double top, double bottom, bool isShare)
    {
        var values = series.SelectMany(s => s.Points).Select(point => point.Y).Where(double.IsFinite).DefaultIfEmpty(1).ToList();
        var ticks = isShare
            ? Plot.Ticks(Math.Min(values.Min(), values.Max() - SmallestShareRange), values.Max(), 3)
            : Plot.Ticks(Math.Min(0, values.Min()), Math.Max(values.Max(), SmallestLossRange), 3);
        Plot plot = new()
        {
            Left = 46,
            Right = Width - 96,
            Top = top,
            Bottom = bottom,
            XRange = (1, Math.Max(2, head.Epochs.Count)),
            YRange = (ticks[0], ticks[^1]),
        };
        var epochTicks = Plot.Ticks(1, head.Epochs.Count, 6)
            .Where(tick => tick >= 1 && tick <= head.Epochs.Count && tick == Math.Floor(tick))
            .Prepend(1).Distinct();
        return $"""
            <text class="title" x="0" y="{top - 12}">{title}</text>
            {plot.Grid(ticks, isShare ? Show.RoundPercent : Show.Number)}
            {plot.XAxis(epochTicks, Show.Number)}
            {Best(plot, head.BestEpoch, named: !isShare)}
            {series.Select(s => plot.Line(s.Points, s.Style))}
            {EndLabels(plot, series, isShare ? Show.Percent : Show.Number)}
            """;
    }

    static Html Best(Plot plot, int? epoch, bool named)
    {
        if (epoch is not { } best || best < plot.XRange.Min || best > plot.XRange.Max)
            return Html.Empty;
        Html name = named ? $"""<text class="note" x="{plot.X(best)}" y="{plot.Top - 10}" text-anchor="middle">kept</text>""" : Html.Empty;
        return $"""<line class="best" x1="{plot.X(best)}" x2="{plot.X(best)}" y1="{plot.Top - 6}" y2="{plot.Bottom}"/>{name}""";
    }

    /// <summary>Names and last values at the right end of the lines, pushed apart where they would overlap.</summary>
    static IEnumerable<Html> EndLabels(Plot plot, List<Series> series, Func<double, string> show)
    {
        var y = double.NegativeInfinity;
        var labels = series.Where(s => s.Points.Any(point => double.IsFinite(point.Y)))
            .Select(s => (Series: s, s.Points.Last(point => double.IsFinite(point.Y)).X, s.Points.Last(point => double.IsFinite(point.Y)).Y))
            .OrderBy(label => plot.Y(label.Y)).ToList();
        foreach (var label in labels)
        {
            y = Math.Max(plot.Y(label.Y), y + LabelSpacing);
            var (name, style) = (label.Series.Name, label.Series.Style);
            yield return $"""<text class="end {style}" x="{plot.X(label.X) + 8}" y="{y + 3.5}">{name} {show(label.Y)}</text>""";
        }
    }

    static List<(double X, double Y)> Points(IReadOnlyList<EpochResult> epochs, Func<EpochResult, double?> value) =>
        [.. epochs.Select(epoch => ((double)epoch.Epoch, value(epoch) ?? double.NaN))];

    static double? Metric(EpochResult epoch, string name) => epoch.Metrics.TryGetValue(name, out var value) ? value : null;

    sealed record Series(string Name, string Style, List<(double X, double Y)> Points);
}
