using NUnit.Framework;

namespace OrtPeft.Tests.Tracking.Report;

sealed class ShowTests
{
    [TestCase(0.0, "0.0 s")]
    [TestCase(4.26, "4.3 s")]
    [TestCase(59.4, "59 s")]
    [TestCase(59.6, "1 min 0 s")]
    [TestCase(131, "2 min 11 s")]
    [TestCase(3_599, "1 h 0 min")]
    [TestCase(7_500, "2 h 5 min")]
    public void Times(double seconds, string text) => Assert.That(Show.Seconds(seconds).Replace('\u00A0', ' '), Is.EqualTo(text));

    [TestCase(0.0000339, "0.0034 %")]
    [TestCase(0.00999, "1.00 %")]
    [TestCase(0.1043, "10.4 %")]
    [TestCase(0, "0.0 %")]
    [TestCase(104.3, "10430.0 %")]
    public void Small_shares(double share, string text) => Assert.That(Show.SmallPercent(share).Replace('\u00A0', ' '), Is.EqualTo(text));

    [TestCase(0, "0")]
    [TestCase(0.00001234, "1.23e-5")]
    [TestCase(0.02371, "0.0237")]
    [TestCase(0.693147, "0.693")]
    [TestCase(-1.5, "-1.5")]
    [TestCase(123.456, "123.5")]
    [TestCase(1e9, "1e+9")]
    public void Measurements(double number, string text) => Assert.That(Show.Number(number), Is.EqualTo(text));

    [TestCase(999, "999 bytes")]
    [TestCase(4_096, "4.1 kB")]
    [TestCase(271_000_000, "271 MB")]
    [TestCase(1_250_000_000, "1.25 GB")]
    public void Sizes(long bytes, string text) => Assert.That(Show.Bytes(bytes).Replace('\u00A0', ' '), Is.EqualTo(text));

    [TestCase("short", 5, "short")]
    [TestCase("longer", 4, "long…")]
    [TestCase("a 😀😀", 3, "a 😀…")]
    [TestCase("e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301…")]
    [TestCase("ab cd", 3, "ab…")]
    public void Texts_are_cut_between_what_a_reader_calls_characters(string text, int characters, string shown) =>
        Assert.That(Show.Shortened(text, characters), Is.EqualTo(shown));

    [Test]
    public void Markup_encodes_what_is_put_into_it()
    {
        Html inner = $"<b>{"<&\"'>"}</b>";
        Html outer = $"<p>{inner}{new[] { inner }}{(string?)null}{1_000_000L} {0.125}</p>";

        Assert.That(outer.ToString(), Is.EqualTo("<p><b>&lt;&amp;&quot;&#x27;&gt;</b><b>&lt;&amp;&quot;&#x27;&gt;</b>1000000 0.13</p>"));
    }
}
