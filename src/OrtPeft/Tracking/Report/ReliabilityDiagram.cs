namespace OrtPeft;

/// <summary>Share of right answers against the score of the answer. On the diagonal the scores can be read as probabilities.</summary>
static class ReliabilityDiagram
{
    const double Width = 360;
    const double Height = 230;
    const double LargestDot = 11;

    internal static Html Draw(HeadReport head)
    {
        var bins = Calibration.Of(head.Scores.Select(s => (s.Confidence, s.Correct)));
        var error = Calibration.ExpectedError(bins);
        Plot plot = new() { Left = 46, Top = 12, Right = Width - 12, Bottom = Height - 40, XRange = (0, 1), YRange = (0, 1) };
        double[] ticks = [0, 0.25, 0.5, 0.75, 1];
        var most = bins.Max(b => b.Count);
        return $"""
            <p class="note">Expected calibration error {Show.Percent(error)}; the area of a dot is its number of texts.</p>
            <svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="Reliability diagram: expected calibration error {Show.Percent(error)}.">
            {plot.Grid(ticks, Show.RoundPercent)}
            {plot.XAxis(ticks, Show.RoundPercent)}
            {plot.Line([(0, 0), (1, 1)], "muted dashed")}
            {bins.Where(b => b.Count > 0).Select(b => Dot(plot, b, most))}
            <text class="title" x="{(plot.Left + plot.Right) / 2}" y="{Height - 6}" text-anchor="middle">score of the answer</text>
            </svg>
            """;
    }

    static Html Dot(Plot plot, CalibrationBin bin, int most)
    {
        var what = $"{Show.Counted(bin.Count, "text")}: mean score {Show.Percent(bin.Confidence)}, right {Show.Percent(bin.Accuracy)}";
        var radius = Math.Max(2.5, LargestDot * Math.Sqrt((double)bin.Count / most));
        return $"""<circle class="right" cx="{plot.X(bin.Confidence)}" cy="{plot.Y(bin.Accuracy)}" r="{radius}"><title>{what}</title></circle>""";
    }
}
