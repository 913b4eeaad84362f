namespace OrtPeft;

/// <summary>Right numbers and answers as points; on the line they are equal.</summary>
static class ScatterPlot
{
    const double Width = 420;
    const double Height = 320;
    const int MostPoints = 800;

    internal static Html Draw(RegressionMetrics metrics)
    {
        var (gold, predicted) = (metrics.Gold, metrics.Predicted);
        var ticks = Plot.Ticks(gold.Concat(predicted).Min(), gold.Concat(predicted).Max(), 5);
        var range = (ticks[0], ticks[^1]);
        Plot plot = new() { Left = 46, Right = Width - 10, Top = 10, Bottom = Height - 44, XRange = range, YRange = range };
        var step = Math.Max(1, (gold.Count + MostPoints - 1) / MostPoints);
        var points = Enumerable.Range(0, gold.Count).Where(i => i % step == 0).Select(i => Point(plot, gold[i], predicted[i]));
        Html note = step > 1 ? $"""<p class="note">One of every {step} texts.</p>""" : Html.Empty;
        var summary = $"Answers against right numbers of {gold.Count} texts, correlation {Show.Number(metrics.Pearson)}.";
        return $"""
            <svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="{summary}">
            {plot.Grid(ticks, Show.Number)}
            {plot.XAxis(ticks, Show.Number)}
            {plot.Line([(range.Item1, range.Item1), (range.Item2, range.Item2)], "muted dashed")}
            <g class="line first">{points}</g>
            <text class="title" x="{Width / 2}" y="{Height - 6}" text-anchor="middle">right number (answer upwards)</text>
            </svg>{note}
            """;
    }

    static Html Point(Plot plot, double gold, double predicted) => $"""<circle cx="{plot.X(gold)}" cy="{plot.Y(predicted)}" r="2.2"/>""";
}
