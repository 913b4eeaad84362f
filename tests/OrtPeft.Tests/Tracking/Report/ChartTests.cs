using System.Globalization;
using System.Xml.Linq;
using NUnit.Framework;

namespace OrtPeft.Tests.Tracking.Report;

sealed class ChartTests
{
    [TestCase(0, 1, 3, new[] { 0, 0.5, 1 })]
    [TestCase(0, 0.54, 3, new[] { 0, 0.2, 0.4, 0.6 })]
    [TestCase(0.903, 0.962, 3, new[] { 0.9, 0.92, 0.94, 0.96, 0.98 })]
    [TestCase(1, 30, 6, new[] { 0.0, 5, 10, 15, 20, 25, 30 })]
    [TestCase(5, 5, 3, new[] { 5, 5 + 5e-10 })]
    [TestCase(0, 1e300, 2, new[] { 0, 5e299, 1e300 })]
    public void Ticks_are_round_and_span_the_values(double min, double max, int count, double[] ticks) =>
        Assert.That(Plot.Ticks(min, max, count), Is.EqualTo(ticks).Within(1e-9).Percent);

    [Test]
    public void A_plot_maps_values_to_its_rectangle()
    {
        Plot plot = new() { Left = 10, Right = 110, Top = 20, Bottom = 70, XRange = (0, 4), YRange = (1, 2) };

        Assert.That((plot.X(0), plot.X(1), plot.X(4)), Is.EqualTo((10, 35, 110)));
        Assert.That((plot.Y(1), plot.Y(1.5), plot.Y(2)), Is.EqualTo((70, 45, 20)));
        Assert.That(Path(plot.Line([(0, 1), (1, double.NaN), (2, 1.5), (4, 2)], "first")), Is.EqualTo("M10 70M60 45L110 20"));
    }

    [Test]
    public void The_learning_curve_runs_through_the_epochs()
    {
        var svg = Parse(LearningCurve.Draw(SampleReport.Head("Probe", 1)));

        // epochs 1 to 3 on x 46 to 324; loss 0 to 1 on y 138 to 26
        Assert.That(svg.Descendants("path").Select(path => (string?)path.Attribute("d")).First(), Is.EqualTo("M46 26L185 82L324 110"));
        Assert.That(svg.Descendants("path").Count(), Is.EqualTo(3));
        Assert.That(svg.Descendants("line").Where(line => (string?)line.Attribute("class") == "best").Select(line => (string?)line.Attribute("x1")),
            Is.EqualTo(new[] { "185", "185" }));
        Assert.That(svg.Descendants("text").Where(text => ((string?)text.Attribute("class"))?.StartsWith("end", StringComparison.Ordinal) == true).Select(text => text.Value),
            Is.EqualTo(new[] { "dev 0.5", "training 0.25", "accuracy 85.0\u00A0%" }));
        Assert.That((string?)svg.Attribute("aria-label"),
            Is.EqualTo("Learning curve of Probe over 3\u00A0epochs: training loss from 1 to 0.25, dev accuracy 85.0\u00A0% at the end."));
    }

    [Test]
    public void Labels_at_the_line_ends_do_not_overlap()
    {
        var head = SampleReport.Head("Probe", 1);
        var metrics = new Dictionary<string, double> { ["accuracy"] = 0.9, ["macroF1"] = 0.9 };

        var svg = Parse(LearningCurve.Draw(head with { Epochs = [.. head.Epochs.Select(epoch => epoch with { Metrics = metrics })] }));

        var ys = svg.Descendants("text").Where(text => text.Value.EndsWith("90.0\u00A0%", StringComparison.Ordinal)).Select(text => Number(text, "y")).ToList();
        Assert.That(ys.Zip(ys.Skip(1), (a, b) => b - a), Is.All.GreaterThanOrEqualTo(12.9).And.Exactly(1).Items);
    }

    [Test]
    public void A_run_that_diverged_can_still_be_drawn()
    {
        var head = SampleReport.Head("Probe", 1);

        var svg = Parse(LearningCurve.Draw(head with { Epochs = [.. head.Epochs.Take(1).Select(epoch => epoch with { Loss = double.NaN, DevLoss = null })] }));

        Assert.That(svg.ToString(), Does.Not.Contain("NaN\"").And.Not.Contain("∞"));
        Assert.That(svg.Descendants("circle").Count(), Is.EqualTo(1), "the accuracy");
    }

    [Test]
    public void Histogram_bars_grow_with_the_square_root_of_the_count()
    {
        GoldScore[] scores = [.. Enumerable.Repeat(new GoldScore(0, 0.99, true, 0.99), 16), .. Enumerable.Repeat(new GoldScore(0, 0.72, true, 0.72), 4), new(0, 1, true, 1), new(0, 0.1, false, 0.9)];

        Html drawn = $"<div>{ScoreHistogram.Draw(SampleReport.Head("Probe", 1) with { Scores = scores })}</div>";
        var figure = Parse(drawn).Descendants("figure").Single();

        var bars = figure.Descendants("rect").ToDictionary(bar => bar.Value, bar => Number(bar, "height"));
        Assert.That(bars.Keys, Is.EqualTo(new[] { "70 to 75 %: 4 right", "95 to 100 %: 17 right", "10 to 15 %: 1 wrong" }));
        Assert.That(bars["95 to 100 %: 17 right"] / bars["70 to 75 %: 4 right"], Is.EqualTo(Math.Sqrt(17.0 / 4)).Within(0.01));
        Assert.That(bars["10 to 15 %: 1 wrong"], Is.EqualTo(bars["70 to 75 %: 4 right"] / 2).Within(0.01));
        Assert.That(figure.Element("figcaption")!.Value.Trim(), Is.EqualTo("ham 21 right 1 wrong"));
    }

    [Test]
    public void An_interval_bar_shows_share_and_interval_on_its_scale()
    {
        Proportion share = new(8, 10); // 49.0 to 94.3 %

        Assert.That(IntervalBar.Start([share, new(9, 10)]), Is.EqualTo(0.4));
        var rects = Parse((Html)$"<p>{IntervalBar.Draw(share, start: 0.4)}</p>").Descendants("rect").ToList();

        Assert.That(Number(rects[0], "x"), Is.EqualTo(2 + 106 * (share.Lower - 0.4) / 0.6).Within(0.01));
        Assert.That(Number(rects[0], "width"), Is.EqualTo(106 * (share.Upper - share.Lower) / 0.6).Within(0.01));
        Assert.That(Number(rects[1], "x") + 1.25, Is.EqualTo(2 + 106 * 0.4 / 0.6).Within(0.01));
    }

    static XElement Parse(Html html) => XElement.Parse($"<root>{html}</root>", LoadOptions.PreserveWhitespace).Elements().First();

    static string? Path(Html html) => (string?)Parse(html).Element("path")!.Attribute("d");

    static double Number(XElement element, string attribute) => double.Parse((string)element.Attribute(attribute)!, CultureInfo.InvariantCulture);

    [Test]
    public void A_threshold_trades_precision_for_recall()
    {
        // Scores of label 1: 0.9 and 0.4 where it is right, 0.6 where it is not.
        GoldScore[] scores = [new(1, 0.9, true, 0.9), new(1, 0.4, false, 0.6), new(0, 0.4, false, 0.6)];
        var points = ThresholdCurve.Points(scores);
        Assert.That(points[30], Is.EqualTo(new ThresholdCurve.Point(0.3, 2.0 / 3, 1)));
        Assert.That(points[50], Is.EqualTo(new ThresholdCurve.Point(0.5, 0.5, 0.5)));
        Assert.That(points[80], Is.EqualTo(new ThresholdCurve.Point(0.8, 1, 0.5)));
        Assert.That((points[100].Precision, points[100].Recall), Is.EqualTo((double.NaN, 0.0)));
    }

    [Test]
    public void Calibration_compares_scores_with_the_share_of_right_answers()
    {
        var bins = Calibration.Of([(0.95, true), (0.97, true), (0.93, false), (0.55, true), (1, true), (0, false)]);
        Assert.That(bins[9], Is.EqualTo(new CalibrationBin(4, (0.95 + 0.97 + 0.93 + 1) / 4, 0.75)));
        Assert.That(bins[5], Is.EqualTo(new CalibrationBin(1, 0.55, 1)));
        Assert.That(bins[0], Is.EqualTo(new CalibrationBin(1, 0, 0)));
        Assert.That(Calibration.ExpectedError(bins), Is.EqualTo((4 * 0.2125 + 0.45 + 0) / 6).Within(1e-12));
    }

    [Test]
    public void Confused_pairs_stand_by_frequency()
    {
        var confusion = ConfusionMatrix.From(3, [0, 0, 1, 1, 1, 2, 2], [0, 1, 2, 2, 1, 0, 2]);
        Assert.That(ConfusedPairs.Of(confusion), Is.EqualTo(new[] { (1, 2, 2L), (0, 1, 1L), (2, 0, 1L) }));
    }

    [Test]
    public void Principal_components_are_the_directions_of_largest_variance()
    {
        // Spread 4 along (1, 1), 1 along (1, -1), around (10, 20).
        var points = PrincipalComponents.Project([[14, 24, 0], [6, 16, 0], [11, 19, 0], [9, 21, 0]]);
        var far = 4 * Math.Sqrt(2);
        Assert.That(points.Select(p => p.X), Is.EqualTo(new[] { far, -far, 0, 0 }).Within(1e-9));
        Assert.That(points.Select(p => Math.Abs(p.Y)), Is.EqualTo(new[] { 0, 0, Math.Sqrt(2), Math.Sqrt(2) }).Within(1e-9));
    }

    [Test]
    public void Equal_features_lie_in_one_point() =>
        Assert.That(PrincipalComponents.Project([[1, 2, 3], [1, 2, 3], [1, 2, 3]]), Is.All.EqualTo((0.0, 0.0)));
}
