using System.Text;
using NUnit.Framework;

namespace OrtPeft.Tests.Data;

sealed class LineReaderTests
{
    DataFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new();

    [TearDown]
    public void DeleteFolder() => _files.Dispose();

    [Test]
    public void Lines_longer_and_shorter_than_the_buffer_come_out_whole()
    {
        string[] lines = ["", "a", new('b', 65_535), new('c', 65_536), "", new('d', 500_000), "e"];
        using LineReader reader = new(_files.Write("a.txt", string.Join('\n', lines)));

        List<string> read = [];
        while (reader.Read())
            read.Add(Encoding.UTF8.GetString(reader.Line.Span));

        Assert.That(read, Is.EqualTo(lines));
        Assert.That(reader.LineNumber, Is.EqualTo(7));
    }

    [TestCase(1_000, false)]
    [TestCase(1_001, true)]
    [TestCase(1_000_000, true)]
    public void A_line_may_only_be_so_long(int length, bool tooLong)
    {
        using LineReader reader = new(_files.Write("a.txt", "first\n" + new string('x', length)), longestLine: 1_000);
        reader.Read();

        if (tooLong)
            Assert.That(reader.Read, Throws.TypeOf<OrtPeftException>().With.Message.EndsWith(
                "a.txt, line 2: the line is longer than 1000 bytes. Is this a text file with one example a line?"));
        else
            Assert.That(reader.Read(), Is.True);
    }
}
