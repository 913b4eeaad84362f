using NUnit.Framework;

namespace OrtPeft.Tests.Data;

sealed class TextDataTests
{
    DataFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new();

    [TearDown]
    public void DeleteFolder() => _files.Dispose();

    [TestCase("a.jsonl", "{\"text\":\"one\",\"label\":\"x\"}\n{\"text\":\"two\",\"label\":\"y\"}\n")]
    [TestCase("a.csv", "text,label\none,x\ntwo,y\n")]
    [TestCase("a.tsv", "text\tlabel\none\tx\ntwo\ty\n")]
    public void Every_format_is_chosen_by_its_ending_plain_and_compressed(string name, string content)
    {
        var plain = TextData.Load(_files.Write(name, content));
        var compressed = TextData.Load(_files.Write(name + ".gz", DataFiles.Gzip(content)));

        Assert.That(plain.Select(e => (e.Text, e.Label)), Is.EqualTo(new[] { ("one", "x"), ("two", "y") }));
        Assert.That(compressed, Is.EqualTo(plain));
        Assert.That(plain.Source, Is.EqualTo(_files.Path(name)));
    }

    [Test]
    public void A_missing_id_becomes_the_line_number()
    {
        var json = TextData.Load(_files.Write("a.jsonl", "\n{\"text\":\"a\"}\n{\"text\":\"b\",\"id\":7}\n{\"text\":\"c\",\"id\":null}"));
        var csv = TextData.Load(_files.Write("a.csv", "id,text\n,\"two\nlines\"\n,next\nx,last"));

        Assert.That(json.Select(e => e.Id), Is.EqualTo(new[] { "line-2", "7", "line-4" }));
        Assert.That(csv.Select(e => e.Id), Is.EqualTo(new[] { "line-2", "line-4", "x" }));
        Assert.That(csv.Select(e => e.Line), Is.EqualTo(new[] { 2, 4, 5 }));
    }

    [Test]
    public void Columns_are_the_first_usual_names_or_the_named_ones()
    {
        var path = _files.Write("a.csv", "content,sentence,sentence2,kind,label,key\nc,s,p,k,l,i");

        Assert.That(TextData.Load(path)[0], Is.EqualTo(new Example { Id = "line-2", Text = "s", TextPair = "p", Label = "l", Line = 2 }));
        Assert.That(TextData.FromCsv(path, text: "content", label: "kind", textPair: "sentence", id: "key")[0],
            Is.EqualTo(new Example { Id = "i", Text = "c", TextPair = "s", Label = "k", Line = 2 }));
    }

    [Test]
    public void Named_formats_do_not_look_at_the_ending()
    {
        Assert.That(TextData.FromJsonLines(_files.Write("a.txt", "{\"body\":\"t\"}"), text: "body")[0].Text, Is.EqualTo("t"));
        Assert.That(TextData.FromTsv(_files.Write("b.txt", "text\tlabel\nt\tx"))[0].Label, Is.EqualTo("x"));
    }

    [Test]
    public void Reading_streams_and_does_not_look_ahead()
    {
        var path = _files.Write("a.jsonl", "{\"text\":\"fine\"}\nbroken");

        using var examples = TextData.Read(path).GetEnumerator();

        Assert.That(examples.MoveNext(), Is.True);
        Assert.That(examples.Current.Text, Is.EqualTo("fine"));
        Assert.That(() => examples.MoveNext(), Throws.TypeOf<OrtPeftException>());
    }

    [Test]
    public void Examples_from_memory_need_unique_ids()
    {
        Example[] examples = [new() { Id = "a", Text = "" }, new() { Id = "a", Text = "" }];

        Assert.That(TextData.FromExamples(examples.Take(1)), Has.Count.EqualTo(1));
        Assert.That(() => TextData.FromExamples(examples),
            Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("The data: the id 'a' was already used. Ids must be unique."));
        Assert.That(() => TextData.FromExamples([], "memory"),
            Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("memory is empty; expected at least one example."));
    }

    [TestCase("a.jsonl", "", "a.jsonl is empty; expected at least one example.")]
    [TestCase("a.csv", "", "a.csv is empty; expected at least one example.")]
    [TestCase("a.csv", "text,label\n\n", "a.csv holds no examples, only a header or blank lines.")]
    [TestCase("a.jsonl", "\n \n", "a.jsonl holds no examples, only a header or blank lines.")]
    [TestCase("a.parquet", "PAR1", "a.parquet is no data file that can be read; expected the ending .jsonl, .csv, .tsv or .conll, or .gz after one of these.")]
    [TestCase("a.csv", "id,text\nx,a\ny,b\nx,c", "a.csv, line 4: the id 'x' was already used in line 2. Ids must be unique.")]
    [TestCase("a.csv", "body,subject\nb,s", "a.csv, line 1: no column 'text' or 'sentence' or 'content' or 'image'. The columns there are: 'body' and 'subject'.")]
    [TestCase("a.jsonl.gz", "not gzip", "a.jsonl.gz, line 1: the gzip data is damaged or cut off. Compress or download the file again.")]
    public void Bad_files_are_named(string name, string content, string message) => Assert.That(_files.ErrorOf(name, content), Is.EqualTo(message));

    [Test]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.That(_files.ErrorOf(_files.Path("none.csv")), Does.StartWith("none.csv does not exist. Check the path;"));
        Directory.CreateDirectory(_files.Path("folder.csv"));
        Assert.That(_files.ErrorOf(_files.Path("folder.csv")), Is.EqualTo("folder.csv is a folder without images; expected a sub-folder of PNG, JPEG, BMP, WebP files for each label, or a data file."));
    }

    [Test]
    public void A_gzip_file_cut_off_anywhere_is_an_error_not_a_shorter_data_set()
    {
        var whole = DataFiles.Gzip(string.Concat(Enumerable.Range(0, 50).Select(i => $"{{\"text\":\"{i * 7919}\"}}\n")));

        for (var length = 1; length < whole.Length; length++)
            Assert.That(_files.ErrorOf(_files.Write("cut.jsonl.gz", whole[..length])), Does.Contain("the gzip data is damaged or cut off"), $"cut to {length} bytes");
    }

    [Test]
    public void A_gzip_file_may_have_several_members()
    {
        var path = _files.Write("a.csv.gz", [.. DataFiles.Gzip("text\na"), .. DataFiles.Gzip("b\nc")]);

        Assert.That(TextData.Load(path).Select(e => e.Text), Is.EqualTo(new[] { "ab", "c" }));
    }
}
