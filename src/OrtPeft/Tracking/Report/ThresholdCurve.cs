namespace OrtPeft;

/// <summary>For two labels: precision and recall of the second when it is answered from a certain score on.</summary>
static class ThresholdCurve
{
    const double Width = 420;
    const double Height = 230;
    const int Steps = 100;

    /// <summary>One threshold and what it gives.</summary>
    internal readonly record struct Point(double Threshold, double Precision, double Recall);

    internal static bool IsFor(HeadReport head, LabelSet labels) => labels.Count == 2 && head.Scores.Any(s => s.Gold == 1);

    internal static Html Draw(HeadReport head, LabelSet labels)
    {
        var points = Points(head.Scores);
        var label = labels[1];
        Plot plot = new() { Left = 46, Top = 12, Right = Width - 96, Bottom = Height - 40, XRange = (0, 1), YRange = (0, 1) };
        double[] ticks = [0, 0.25, 0.5, 0.75, 1];
        return $"""
            <p class="note">What precision and recall of {LabelName.Draw(label)} become when it is answered from another score on than 50 %.</p>
            <svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="Precision and recall of {label} by threshold.">
            {plot.Grid(ticks, Show.RoundPercent)}
            {plot.XAxis(ticks, Show.RoundPercent)}
            {plot.Line([.. points.Select(p => (p.Threshold, p.Precision))], "first")}
            {plot.Line([.. points.Select(p => (p.Threshold, p.Recall))], "first dashed")}
            <text class="end first" x="{plot.Right + 8}" y="{plot.Top + 8}">precision</text>
            <text class="end first" x="{plot.Right + 8}" y="{plot.Bottom - 2}">recall (dashed)</text>
            <text class="title" x="{(plot.Left + plot.Right) / 2}" y="{Height - 6}" text-anchor="middle">threshold</text>
            </svg>
            """;
    }

    /// <summary>Precision is not a number where nothing is answered.</summary>
    internal static IReadOnlyList<Point> Points(IReadOnlyList<GoldScore> scores)
    {
        var answers = scores.Select(s => (Score: s.Gold == 1 ? s.Score : 1 - s.Score, IsGold: s.Gold == 1)).ToArray();
        var gold = answers.Count(a => a.IsGold);
        return [.. Enumerable.Range(0, Steps + 1).Select(i => (double)i / Steps).Select(threshold =>
        {
            var answered = answers.Count(a => a.Score >= threshold);
            var found = answers.Count(a => a.IsGold && a.Score >= threshold);
            return new Point(threshold, answered == 0 ? double.NaN : (double)found / answered, (double)found / gold);
        })];
    }
}
