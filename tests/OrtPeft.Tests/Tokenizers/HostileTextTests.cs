using System.Diagnostics;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>Texts made to be slow: time must grow with the length, not with its square.</summary>
[TestFixture]
sealed class HostileTextTests
{
    static readonly string[] Names = ["bert", "bert-added", "xlmr", "deberta", "gpt2", "llama2"];

    static IEnumerable<TestCaseData> Texts()
    {
        foreach (var name in Names)
        {
            yield return Case(name, "one letter", "a");
            yield return Case(name, "spaces", " ");
            yield return Case(name, "combining marks", "\u0301");
            yield return Case(name, "marks out of order", "\u0301\u0323");
            yield return Case(name, "line breaks", "\r\n");
            yield return Case(name, "CJK", "世");
            yield return Case(name, "emoji joined", "\U0001F468\u200D");
            yield return Case(name, "nearly a token", "[MAS");
            yield return Case(name, "lone surrogates", "\uD800");
        }
    }

    [TestCaseSource(nameof(Texts))]
    public void A_million_characters_take_linear_time(string name, string unit)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        var watch = Stopwatch.StartNew();
        var encoding = tokenizer.Encode(text);
        // Quadratic time would be hours; the limit is generous because test machines are busy.
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        Assert.That(encoding.Offsets.Max(o => o.End), Is.LessThanOrEqualTo(text.Length));
    }

    [Test]
    public void Random_letters_without_spaces_take_linear_time()
    {
        var tokenizer = TokenizerFixtures.Load("gpt2");
        var random = new Random(1);
        var text = string.Create(1_000_000, random, (span, r) =>
        {
            foreach (ref var c in span)
                c = (char)('a' + r.Next(26));
        });
        var watch = Stopwatch.StartNew();
        var ids = tokenizer.EncodeIds(text);
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        Assert.That(tokenizer.Decode(ids), Is.EqualTo(text));
    }

    static TestCaseData Case(string name, string what, string unit) => new TestCaseData(name, unit).SetArgDisplayNames(name, what);
}
