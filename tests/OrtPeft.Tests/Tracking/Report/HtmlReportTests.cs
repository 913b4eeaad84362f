using System.Xml.Linq;
using NUnit.Framework;

namespace OrtPeft.Tests.Tracking.Report;

sealed class HtmlReportTests
{
    [Test]
    public void The_numbers_are_there()
    {
        var page = Parse(HtmlReport.Render(SampleReport.Create()));

        Assert.That(Texts(page, "h1"), Is.EqualTo(new[] { "Ham or spam" }));
        Assert.That(Text(page.Descendants("p").Single(p => (string?)p.Attribute("class") == "lead")),
            Is.EqualTo("Y-Tuning on frozen all-MiniLM-L6-v2 gives 19 of 20 test texts the right label."));
        Assert.That(Texts(page.Descendants("dl").First(), "dd"), Is.EqualTo(new[]
        {
            "95.0 %", "95 % interval 76.4 to 99.1 %", "94.9 %", "mean of 2 labels", "770", "parameters, 0.0034 % of the backbone’s",
            "1 min 15 s", "3 epochs", "2 min 11 s", "130 forward passes, once", "1,200", "forward passes of the backbone",
        }));
        Assert.That(Texts(page, "h2"), Is.EqualTo(new[] { "The heads compared", "Y-Tuning", "Linear probe", "Texts and answers", "What was trained, and what it cost" }));
    }

    [Test]
    public void The_heads_are_compared()
    {
        var rows = Rows(Parse(HtmlReport.Render(SampleReport.Create())), "The heads compared");

        Assert.That(rows, Is.EqualTo(new[]
        {
            "Head|Accuracy|Macro-F1|Trained parameters|Epochs|Training|Adapter",
            "Y-Tuning|95.0 %|94.9 %|770|3|1 min 15 s|4.1 kB",
            "Linear probe|90.0 %|89.9 %|770|3|1 min 15 s|4.1 kB",
        }));
    }

    [Test]
    public void The_tables_of_a_head_are_right()
    {
        var page = Parse(HtmlReport.Render(SampleReport.Create() with { Heads = [SampleReport.Head("Probe", hamMissed: 3)] }));

        Assert.That(Rows(page, "Confusion matrix"), Is.EqualTo(new[] { "|predicted", "right label|ham|spam", "ham|9 75.0 %|3 25.0 %", "spam|0|8 100.0 %" }));
        Assert.That(Rows(page, "Label by label"), Is.EqualTo(new[] { "Label|Precision|Recall|F1|Texts", "ham|100.0 %|75.0 %|85.7 %|12", "spam|72.7 %|100.0 %|84.2 %|8" }));
        Assert.That(Texts(page, "h2"), Has.No.Member("The heads compared"));
    }

    [Test]
    public void Facts_and_answers_are_listed()
    {
        var page = Parse(HtmlReport.Render(SampleReport.Create()));

        var facts = page.Descendants("section").Last(section => section.Elements("h3").Any(h3 => h3.Value == "Linear probe"));
        Assert.That(facts.Descendants("div").Select(Text),
            Is.EqualTo(new[] { "trained770 parameters, 0.0034 % of the backbone’s", "time1 min 15 s", "epoch kept2 of 3", "learning rate0.001", "seed7" }));
        Assert.That(page.Descendants("li").Select(Text), Is.EqualTo(new[]
        {
            "spam 87.5 % right You have won",
            "spam 50.0 % wrong, it is ham Minutes of the meeting",
            "ham 75.0 % Hello",
        }));
    }

    [Test]
    public void It_needs_nothing_from_outside()
    {
        var html = HtmlReport.Render(SampleReport.Create());
        var page = Parse(html);

        Assert.That(html, Does.Not.Contain("http:").And.Not.Contain("https:").And.Not.Contain("url(").And.Not.Contain("@import"));
        Assert.That(page.Descendants("script"), Is.Empty);
        Assert.That(page.Descendants().Attributes().Select(a => a.Name.LocalName), Has.None.AnyOf("src", "href").And.None.StartsWith("on"));
        Assert.That(html, Does.Contain("default-src 'none'").And.Contain("prefers-color-scheme: dark").And.Contain("@media print"));
        Assert.That(page.Descendants("svg").Where(svg => string.IsNullOrEmpty((string?)svg.Attribute("aria-label"))), Is.Empty, "every drawing says what it shows");
    }

    [Test]
    public void Hostile_texts_stay_texts()
    {
        const string evil = "</title></style>\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\u202E";
        var harmless = SampleReport.Create();
        var head = harmless.Heads[0];
        LabelSet labels = new([evil, "]]>" + new string('<', 500)]);
        var hostile = harmless with
        {
            Title = evil,
            Heads = [.. harmless.Heads.Select(h => h with { Name = evil, Options = [new(evil, evil)], Metrics = new ClassificationMetrics(labels, ((ClassificationMetrics)h.Metrics).Confusion) })],
            Backbone = new(evil, evil, 1),
            Data = harmless.Data with { Source = evil, EvaluatedOn = evil },
            Cache = harmless.Cache! with { DType = evil },
            Machine = new() { Cores = 1, OperatingSystem = evil, OnnxRuntime = evil, Provider = evil },
            Predictions = [new(evil, evil, 0.5, evil), new(evil, evil, 0.5, "x"), new(evil, evil, 0.5)],
            Warnings = [evil],
        };

        var page = Parse(HtmlReport.Render(hostile));

        Assert.That(Names(page), Is.EquivalentTo(Names(Parse(HtmlReport.Render(harmless with { Warnings = ["x"] })))));
        Assert.That(page.Descendants("h1").Single().Value, Is.EqualTo(evil));
        Assert.That(page.Descendants("bdi").Select(bdi => (string?)bdi.Attribute("title")), Has.Member(evil));

        static IEnumerable<string> Names(XElement page) => page.Descendants().Select(e => e.Name.LocalName).Distinct();
    }

    [Test]
    public void Warnings_come_first_and_a_collapse_is_one()
    {
        var report = SampleReport.Create() with { Warnings = ["The disk is nearly full."], Heads = [SampleReport.Head("Probe", hamMissed: 12)] };

        Assert.That(Texts(Parse(HtmlReport.Render(report)).Descendants("aside").Single(), "p"), Is.EqualTo(new[]
        {
            "Warning The disk is nearly full.",
            "Warning Probe: Collapse to one label: all 20 predictions are 'spam', although 2 labels occur in the data. "
                + "Nothing useful was learned; train longer or with another learning rate.",
        }));
        Assert.That(Parse(HtmlReport.Render(SampleReport.Create())).Descendants("aside"), Is.Empty);
    }

    [Test]
    public void What_is_not_known_is_left_out()
    {
        var report = SampleReport.Create();
        var page = Parse(HtmlReport.Render(report with
        {
            Heads = [report.Heads[0] with { Epochs = [], Scores = [], AdapterBytes = null, BestEpoch = null, Options = [] }],
            Cache = null,
            Predictions = [],
        }));

        Assert.That(Texts(page, "h2"), Is.EqualTo(new[] { "Y-Tuning", "What was trained, and what it cost" }));
        Assert.That(Texts(page, "h3"), Is.EqualTo(new[] { "Confusion matrix", "Label by label", "Frozen backbone", "Data", "Machine", "Y-Tuning" }));
    }

    [Test]
    public void Very_many_labels_give_lists_of_the_worst()
    {
        LabelSet labels = new(Enumerable.Range(0, 150).Select(i => $"label {i}"));
        var gold = Enumerable.Range(0, 300).Select(i => i % 150).ToArray();
        int[] predicted = [.. gold.Select(label => label is 7 or 9 ? 8 : label)];
        var head = SampleReport.Head("Probe", 0) with
        {
            Metrics = ClassificationMetrics.From(labels, gold, predicted),
            Scores = [.. gold.Select(label => new GoldScore(label, 0.9, true, 0.9))],
        };

        var page = Parse(HtmlReport.Render(SampleReport.Create() with { Heads = [head] }));

        Assert.That(Rows(page, "Confusion matrix"), Is.EqualTo(new[] { "Right label|Predicted|Times|Share", "label 7|label 8|2|100.0 %", "label 9|label 8|2|100.0 %" }));
        var worst = Rows(page, "Label by label");
        Assert.That(worst, Has.Count.EqualTo(101));
        Assert.That(worst[1..4], Is.EqualTo(new[] { "label 7|–|0.0 %|0.0 %|2", "label 9|–|0.0 %|0.0 %|2", "label 8|33.3 %|100.0 %|50.0 %|2" }));
        Assert.That(page.Descendants("figure").Count(), Is.EqualTo(6));
    }

    [Test]
    public void It_is_written_to_a_file()
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-report-").FullName;
        try
        {
            HtmlReport.Write(Path.Combine(folder, "report.html"), SampleReport.Create());
            Assert.That(File.ReadAllText(Path.Combine(folder, "report.html")), Is.EqualTo(HtmlReport.Render(SampleReport.Create())));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The page is also well-formed XML, so what the browser sees can be asked for.</summary>
    internal static XElement Parse(string html)
    {
        Assert.That(html, Does.StartWith("<!DOCTYPE html>"));
        return XElement.Parse(html["<!DOCTYPE html>".Length..], LoadOptions.PreserveWhitespace);
    }

    static string[] Texts(XElement page, string element) => [.. page.Descendants(element).Select(Text)];

    static string Text(XElement element)
    {
        var visible = new XElement(element);
        visible.DescendantsAndSelf("svg").Remove();
        visible.Descendants("b").ToList().ForEach(b => b.Add(" "));
        return string.Join(' ', visible.Value.Replace('\u00A0', ' ').Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The rows of the table below a heading, cells joined by a bar.</summary>
    static List<string> Rows(XElement page, string heading) =>
        [.. page.Descendants().First(e => e.Name.LocalName is "h2" or "h3" && e.Value == heading).Parent!.Descendants("tr")
            .Select(row => string.Join('|', row.Elements().Select(Text)))];
}
