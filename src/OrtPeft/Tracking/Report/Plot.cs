namespace OrtPeft;

/// <summary>A rectangle of an SVG drawing with two linear scales, and the grid, axes and lines in it.</summary>
sealed record Plot
{
    const int MostDots = 15;

    internal required double Left { get; init; }
    internal required double Top { get; init; }
    internal required double Right { get; init; }
    internal required double Bottom { get; init; }
    internal required (double Min, double Max) XRange { get; init; }
    internal required (double Min, double Max) YRange { get; init; }

    internal double X(double value) => Left + (Right - Left) * (value - XRange.Min) / (XRange.Max - XRange.Min);

    internal double Y(double value) => Bottom - (Bottom - Top) * (value - YRange.Min) / (YRange.Max - YRange.Min);

    /// <summary>Horizontal lines with their values at the left.</summary>
    internal Html Grid(IEnumerable<double> ticks, Func<double, string> show)
    {
        IEnumerable<Html> lines = ticks.Select(Line);
        return $"""<g class="grid">{lines}</g>""";

        Html Line(double tick) => $"""
            <line x1="{Left}" x2="{Right}" y1="{Y(tick)}" y2="{Y(tick)}"/>
            <text x="{Left - 7}" y="{Y(tick) + 3.5}" text-anchor="end">{show(tick)}</text>
            """;
    }

    /// <summary>The base line with ticks and values below.</summary>
    internal Html XAxis(IEnumerable<double> ticks, Func<double, string> show)
    {
        IEnumerable<Html> marks = ticks.Select(Mark);
        return $"""<g class="axis"><line x1="{Left}" x2="{Right}" y1="{Bottom}" y2="{Bottom}"/>{marks}</g>""";

        Html Mark(double tick) => $"""
            <line x1="{X(tick)}" x2="{X(tick)}" y1="{Bottom}" y2="{Bottom + 4}"/>
            <text x="{X(tick)}" y="{Bottom + 16}" text-anchor="middle">{show(tick)}</text>
            """;
    }

    /// <summary>A line through points, broken where a value is not finite; with dots when there are few.</summary>
    internal Html Line(IReadOnlyList<(double X, double Y)> points, string style)
    {
        var inside = points.Where(point => double.IsFinite(point.Y)).ToList();
        IEnumerable<Html> dots = inside.Count <= MostDots ? inside.Select(Dot) : [];
        var path = points.Select((point, i) => Step(point, first: i == 0 || !double.IsFinite(points[i - 1].Y)));
        return $"""<g class="line {style}"><path d="{path}"/>{dots}</g>""";

        Html Dot((double X, double Y) point) => $"""<circle cx="{X(point.X)}" cy="{Y(point.Y)}" r="2.4"/>""";

        Html Step((double X, double Y) point, bool first)
        {
            if (!double.IsFinite(point.Y))
                return Html.Empty;
            var command = first ? "M" : "L";
            return $"{command}{X(point.X)} {Y(point.Y)}";
        }
    }

    /// <summary>Round values, about <paramref name="count"/> of them, the first at or below <paramref name="min"/>, the last at or above
    /// <paramref name="max"/>.</summary>
    internal static double[] Ticks(double min, double max, int count)
    {
        var rough = Math.Max(max - min, 1e-9) / count;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var (first, last) = ((long)Math.Floor(min / step + 1e-9), (long)Math.Ceiling(max / step - 1e-9));
        return [.. Enumerable.Range(0, (int)(Math.Max(last, first + 1) - first) + 1).Select(i => (first + i) * step)];
    }
}
