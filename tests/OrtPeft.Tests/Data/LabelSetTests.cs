using NUnit.Framework;

namespace OrtPeft.Tests.Data;

sealed class LabelSetTests
{
    static TextData Data(params string?[] labels) =>
        TextData.FromExamples(labels.Select((label, i) => new Example { Id = $"e{i}", Text = "", Label = label, Line = i + 2 }), "mail.csv");

    [Test]
    public void Labels_are_distinct_and_ordinal()
    {
        var labels = LabelSet.From(Data("spam", "ham", "Ham", "spam"));

        Assert.That(labels, Is.EqualTo(new[] { "Ham", "ham", "spam" }));
        Assert.That(labels.IndexOf("spam"), Is.EqualTo(2));
        Assert.That(labels.IndexOf("SPAM"), Is.EqualTo(-1));
        Assert.That(labels.IndexesOf(Data("ham", "spam", "Ham")), Is.EqualTo(new[] { 1, 2, 0 }));
    }

    [Test]
    public void A_given_order_is_kept() => Assert.That(new LabelSet(["b", "a"]).IndexesOf(Data("a", "b")), Is.EqualTo(new[] { 1, 0 }));

    [Test]
    public void An_unknown_label_is_named_with_file_line_id_and_the_known_ones() =>
        Assert.That(() => new LabelSet(["ham", "spam"]).IndexesOf(Data("ham", "eggs")), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo(
            "mail.csv, line 3: example 'e1' has the unknown label 'eggs'; the labels are 'ham' and 'spam'."));

    [Test]
    public void A_missing_label_is_named() =>
        Assert.That(() => LabelSet.From(Data("ham", null)), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo(
            "mail.csv, line 3: example 'e1' has no label. Is the right label column named?"));

    [Test]
    public void One_label_is_not_enough() =>
        Assert.That(() => LabelSet.From(Data("ham", "ham")), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo(
            "mail.csv: training needs at least two labels; every example has the label 'ham'."));

    [Test]
    public void A_label_may_be_named_once() =>
        Assert.That(() => new LabelSet(["a", "b", "a"]), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("The label 'a' is named twice."));

    [Test]
    public void Long_lists_are_cut() =>
        Assert.That(() => new LabelSet(Enumerable.Range(10, 30).Select(i => $"{i}")).IndexesOf(Data("x")),
            Throws.TypeOf<OrtPeftException>().With.Message.EndsWith("'28', '29' and 10 more."));
}
