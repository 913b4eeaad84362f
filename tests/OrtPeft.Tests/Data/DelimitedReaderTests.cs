using System.Text;
using NUnit.Framework;

namespace OrtPeft.Tests.Data;

sealed class DelimitedReaderTests
{
    DataFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new();

    [TearDown]
    public void DeleteFolder() => _files.Dispose();

    [TestCase("text\r\na\r\nb\r\n", new[] { "a", "b" }, TestName = "CRLF")]
    [TestCase("\uFEFFtext\na", new[] { "a" }, TestName = "Byte order mark, no line break at the end")]
    [TestCase("\"text\"\n\"a\"", new[] { "a" }, TestName = "Quoted header")]
    [TestCase("text\n\"\"\n", new[] { "" }, TestName = "Quoted empty field")]
    [TestCase("text\n\"a,b\"\n", new[] { "a,b" }, TestName = "Comma in quotes")]
    [TestCase("text\n\"say \"\"hi\"\"\"\n", new[] { "say \"hi\"" }, TestName = "Doubled quotes")]
    [TestCase("text\n\"a\r\n\r\nb\nc\"\r\nd", new[] { "a\r\n\r\nb\nc", "d" }, TestName = "Line breaks in quotes")]
    [TestCase("text\n5\" disk\n", new[] { "5\" disk" }, TestName = "Quote inside an unquoted field")]
    [TestCase("text\n\n a \n\n", new[] { " a " }, TestName = "Blank lines are skipped, spaces kept")]
    [TestCase("text\n\"\"\"\"\n", new[] { "\"" }, TestName = "Only a quote")]
    public void Csv_is_read(string content, string[] texts) =>
        Assert.That(TextData.Load(_files.Write("a.csv", content)).Select(e => e.Text), Is.EqualTo(texts));

    [Test]
    public void Csv_fields_keep_their_places()
    {
        var data = TextData.Load(_files.Write("a.csv", "label,text,other\nx,\"a\",\n,b,\"\"\n\"y\",,z\n"));

        Assert.That(data.Select(e => (e.Label, e.Text)), Is.EqualTo(new (string?, string)[] { ("x", "a"), (null, "b"), ("y", "") }));
    }

    [Test]
    public void Tsv_takes_quotes_as_they_are() =>
        Assert.That(TextData.Load(_files.Write("a.tsv", "text\tlabel\r\n\"a, b\t\"\r\n")).Single(),
            Is.EqualTo(new Example { Id = "line-2", Text = "\"a, b", Label = "\"", Line = 2 }));

    [TestCase("a.csv", "text\na\n\"b\nc\n", "a.csv, line 3: field 1 opens with a quote that is never closed.")]
    [TestCase("a.csv", "text,label\n\"a\"b,x", "a.csv, line 2: field 1: text follows the closing quote at character 3. Write a quote inside a quoted field as two quotes.")]
    [TestCase("a.csv", "text,label\na", "a.csv, line 2: 1 field; the header has 2 ('text' and 'label').")]
    [TestCase("a.csv", "text\na,b,c", "a.csv, line 2: 3 fields; the header has 1 ('text').")]
    [TestCase("a.tsv", "text\tlabel\na\tb\tc", "a.tsv, line 2: 3 fields; the header has 2 ('text' and 'label').")]
    [TestCase("a.csv", "text,text\na,b", "a.csv, line 1: the header names column 'text' twice.")]
    public void Errors_name_file_line_and_field(string name, string content, string message) =>
        Assert.That(_files.ErrorOf(name, content), Is.EqualTo(message));

    [Test]
    public void Another_encoding_is_an_error_that_names_the_line() =>
        Assert.That(_files.ErrorOf(_files.Write("a.csv", Encoding.Latin1.GetBytes("text\nplain\ncafé\n"))),
            Is.EqualTo("a.csv, line 3: the text is not UTF-8. Save the file as UTF-8 and try again."));

    [Test]
    public void A_field_over_very_many_lines_is_read_in_linear_time()
    {
        var field = string.Concat(Enumerable.Repeat("\"\"\n", 2_000_000));
        var data = TextData.Load(_files.Write("a.csv", $"text\n\"{field}\""));

        Assert.That(data[0].Text, Has.Length.EqualTo(4_000_000));
    }
}
