namespace OrtPeft;

/// <summary>
/// For the examples of each gold label: how high the head scored that label. Right answers stand above the base line, wrong ones hang
/// below it; the scale is the square root of the count, so that a handful of mistakes is visible beside hundreds of right answers.
/// </summary>
static class ScoreHistogram
{
    const int Bins = 20;
    const int MostLabels = 6;
    const double Width = 360;
    const double Left = 30;
    const double BarArea = 120;

    internal static Html Draw(HeadReport head)
    {
        var byLabel = head.Scores.GroupBy(score => score.Gold).OrderBy(group => group.Key).ToList();
        var shown = byLabel.OrderByDescending(group => group.Count()).Take(MostLabels).OrderBy(group => group.Key);
        var which = byLabel.Count > MostLabels ? $"the {MostLabels} most frequent of {byLabel.Count} labels" : "each label";
        return $"""
            <p class="note">Score of the right label, for the texts of {which}. Square-root scale.</p>
            <div class="multiples">{shown.Select(group => Label(((ClassificationMetrics)head.Metrics).Labels[group.Key], [.. group]))}</div>
            """;
    }

    static Html Label(string label, List<GoldScore> scores)
    {
        var right = Count(scores, correct: true);
        var wrong = Count(scores, correct: false);
        var (rights, wrongs) = (right.Sum(), wrong.Sum());
        var scale = BarArea / (Math.Sqrt(Math.Max(1, right.Max())) + Math.Sqrt(Math.Max(2, wrong.Max())));
        var baseLine = 14 + scale * Math.Sqrt(Math.Max(1, right.Max()));
        var bottom = 14 + BarArea;
        Plot plot = new() { Left = Left, Right = Width - 8, Top = 14, Bottom = bottom + 6, XRange = (0, 1), YRange = (0, 1) };
        var summary = $"Scores of the {scores.Count} examples of {label}: {rights} right, {wrongs} wrong.";
        return $"""
            <figure>
            <figcaption>
            {LabelName.Draw(label)} <span class="right">{Show.Count(rights)} right</span> <span class="wrong">{Show.Count(wrongs)} wrong</span>
            </figcaption>
            <svg class="chart" viewBox="0 0 {Width} {bottom + 42}" role="img" aria-label="{summary}">
            {Ticks(right.Max()).Select(tick => Tick(tick, baseLine - scale * Math.Sqrt(tick)))}
            {right.Select((count, bin) => Bar(plot, bin, count, "right", baseLine - scale * Math.Sqrt(count), scale * Math.Sqrt(count)))}
            {wrong.Select((count, bin) => Bar(plot, bin, count, "wrong", baseLine, scale * Math.Sqrt(count)))}
            <line class="base" x1="{plot.Left}" x2="{plot.Right}" y1="{baseLine}" y2="{baseLine}"/>
            {plot.XAxis([0, 0.25, 0.5, 0.75, 1], Show.RoundPercent)}
            <text class="title" x="{(plot.Left + plot.Right) / 2}" y="{bottom + 38}" text-anchor="middle">
            score of <tspan class="name">{Show.Shortened(label, 24)}</tspan>
            </text>
            </svg>
            </figure>
            """;
    }

    static Html Bar(Plot plot, int bin, int count, string style, double y, double height)
    {
        if (count == 0)
            return Html.Empty;
        var left = plot.X((double)bin / Bins) + 0.75;
        var width = plot.X(1.0 / Bins) - plot.X(0) - 1.5;
        var range = $"{100 * bin / Bins} to {100 * (bin + 1) / Bins} %: {count}";
        return $"""<rect class="{style}" x="{left}" y="{y}" width="{width}" height="{height}" rx="1"><title>{range} {style}</title></rect>""";
    }

    static Html Tick(int count, double y) => $"""
        <g class="grid"><line x1="{Left}" x2="{Width - 8}" y1="{y}" y2="{y}"/>
        <text x="{Left - 6}" y="{y + 3.5}" text-anchor="end">{count}</text></g>
        """;

    /// <summary>One, ten, a hundred ... and the halves between that keep a distance on a square-root scale.</summary>
    static IEnumerable<int> Ticks(int max)
    {
        var top = Math.Max(1, max);
        var last = -1.0;
        foreach (var tick in new[] { 1, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000 })
        {
            if (tick > top || Math.Sqrt(tick) - last < Math.Sqrt(top) / 5)
                continue;
            last = Math.Sqrt(tick);
            yield return tick;
        }
    }

    static int[] Count(List<GoldScore> scores, bool correct)
    {
        var counts = new int[Bins];
        foreach (var score in scores)
            if (score.Correct == correct && double.IsFinite(score.Score))
                counts[Math.Clamp((int)(score.Score * Bins), 0, Bins - 1)]++;
        return counts;
    }
}
