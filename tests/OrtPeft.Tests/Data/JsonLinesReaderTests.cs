using NUnit.Framework;

namespace OrtPeft.Tests.Data;

sealed class JsonLinesReaderTests
{
    DataFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new();

    [TearDown]
    public void DeleteFolder() => _files.Dispose();

    [TestCase("1", "1")]
    [TestCase("1.50", "1.50")]
    [TestCase("true", "true")]
    [TestCase("\"yes\"", "yes")]
    [TestCase("null", null)]
    [TestCase("\"\"", null)]
    public void A_label_is_taken_as_its_text(string json, string? label) =>
        Assert.That(Load($"{{\"text\":\"\",\"label\":{json}}}")[0].Label, Is.EqualTo(label));

    [Test]
    public void Escapes_byte_order_mark_and_line_ends_are_understood()
    {
        var data = Load("\uFEFF{\"text\":\"caf\\u00e9 \\ud83d\\ude00\\n\"}\r\n{\"text\":\"\", \"more\":[1,{}]}");

        Assert.That(data.Select(e => e.Text), Is.EqualTo(new[] { "café 😀\n", "" }));
    }

    [TestCase("{\"text\":\"a\"}\n{\"text\":", "a.jsonl, line 2: not JSON (at byte 9). Expected one object a line, such as {\"text\": \"...\", \"label\": \"...\"}.")]
    [TestCase("[1]", "a.jsonl, line 1: a JSON array; expected an object.")]
    [TestCase("{\"text\":3}", "a.jsonl, line 1: field 'text' is a number; expected a string.")]
    [TestCase("{\"text\":null}", "a.jsonl, line 1: field 'text' is null; expected a string.")]
    [TestCase("{\"text\":\"\",\"label\":{\"a\":1}}", "a.jsonl, line 1: field 'label' is an object; expected a string, number or boolean.")]
    [TestCase("{\"text\":\"\",\"label\":[\"a\",[\"b\"]]}", "a.jsonl, line 1: field 'label[1]' is an array; expected a string, number or boolean.")]
    [TestCase("{\"text\":\"\",\"text_pair\":{}}", "a.jsonl, line 1: field 'text_pair' is an object; expected a string.")]
    [TestCase("{\"body\":\"\"}", "a.jsonl, line 1: no column 'text' or 'sentence' or 'content'. The columns there are: 'body'.")]
    [TestCase("{}", "a.jsonl, line 1: no column 'text' or 'sentence' or 'content'. The columns there are: none.")]
    [TestCase("{\"text\":\"\\ud83d\"}", "a.jsonl, line 1: field 'text' holds half a surrogate pair (such as \\ud83d alone), which is no character.")]
    public void Errors_name_file_line_and_field(string content, string message) => Assert.That(_files.ErrorOf("a.jsonl", content), Is.EqualTo(message));

    [Test]
    public void A_named_column_must_be_in_every_record() =>
        Assert.That(_files.ErrorOf("a.jsonl", "{\"text\":\"\",\"kind\":\"x\"}\n{\"text\":\"\"}", new() { Label = "kind" }),
            Is.EqualTo("a.jsonl, line 2: no column 'kind'. The columns there are: 'text'."));

    [Test]
    public void Deep_nesting_is_an_error_not_a_crash() =>
        Assert.That(_files.ErrorOf("a.jsonl", new string('[', 1_000_000)), Does.StartWith("a.jsonl, line 1: not JSON"));

    [Test]
    public void Names_from_the_file_cannot_steer_the_terminal() =>
        Assert.That(_files.ErrorOf("a.jsonl", $"{{\"\\u001b[2J{new string('x', 100)}\":1}}"), Does.EndWith($": '\uFFFD[2J{new string('x', 56)}...'."));

    TextData Load(string content) => TextData.Load(_files.Write("a.jsonl", content));
}
