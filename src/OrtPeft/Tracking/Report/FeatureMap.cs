namespace OrtPeft;

/// <summary>The frozen features of the examples in two dimensions: whether the labels lie apart before anything is trained.</summary>
static class FeatureMap
{
    const double Width = 420;
    const double Height = 320;
    const int MostLabels = 8;

    internal static Html Draw(HeadReport head, LabelSet labels)
    {
        var (xs, ys) = (head.Map.Select(p => p.X).ToArray(), head.Map.Select(p => p.Y).ToArray());
        Plot plot = new() { Left = 8, Top = 8, Right = Width - 8, Bottom = Height - 8, XRange = Range(xs), YRange = Range(ys) };
        var shown = head.Map.GroupBy(p => p.Gold).OrderByDescending(g => g.Count()).Take(MostLabels).OrderBy(g => g.Key).ToList();
        var rest = labels.Count > shown.Count ? $" The {MostLabels} most frequent of {labels.Count} labels." : "";
        return $"""
            <p class="note">First two principal components of the mean of the frozen token features; hollow where the answer is wrong.{rest}</p>
            <p class="legend">{shown.Select((g, i) => Legend(labels[g.Key], i))}</p>
            <svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="Features of {head.Map.Count} examples in two dimensions.">
            {shown.SelectMany((g, i) => g.Select(p => Dot(plot, p, i)))}
            </svg>
            """;
    }

    static Html Legend(string label, int color) => $"""<span class="map-{color}">● {LabelName.Draw(label)}</span> """;

    static Html Dot(Plot plot, FeaturePoint point, int color) =>
        $"""<circle class="map-{color} {(point.Correct ? "full" : "hollow")}" cx="{plot.X(point.X)}" cy="{plot.Y(point.Y)}" r="2.6"/>""";

    static (double Min, double Max) Range(double[] values) => values.Max() > values.Min() ? (values.Min(), values.Max()) : (values[0] - 1, values[0] + 1);
}
