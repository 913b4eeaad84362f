using System.IO.Compression;

namespace OrtPeft.Tests;

/// <summary>Data that cannot be used: said before anything is computed or written.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class BadDataTests : IDisposable
{
    readonly Workplace _place = new();

    [Test]
    public void Missing_file() => Train("--train", "nowhere.jsonl").Refused("nowhere.jsonl does not exist", "relative paths start at");

    [TestCase("empty.jsonl", "", "empty.jsonl is empty; expected at least one example.")]
    [TestCase("blank.jsonl", "\n\n", "blank.jsonl holds no examples")]
    [TestCase("header.csv", "text,label\n", "header.csv holds no examples, only a header")]
    [TestCase("mails.txt", "free prize", "mails.txt is no data file that can be read; expected the ending .jsonl, .csv, .tsv or .conll")]
    public void Nothing_in_it(string name, string content, string answer)
    {
        File.WriteAllText(_place[name], content);
        Train("--train", name).Refused(answer);
    }

    [TestCase("{\"text\": broken", "not JSON (at byte 10)")]
    [TestCase("[1, 2]", "a JSON array; expected an object")]
    [TestCase("{\"text\": 3, \"label\": \"ham\"}", "field 'text' is a number; expected a string")]
    [TestCase("{\"txt\": \"free\", \"label\": \"ham\"}", "no column 'text' or 'sentence' or 'content'. The columns there are: 'txt' and 'label'.")]
    [TestCase("{\"text\": \"free\"}", "example 'line-91' has no label. Is the right label column named?")]
    [TestCase("{\"text\": \"free\", \"label\": \"ham\", \"id\": \"mail-3\"}", "the id 'mail-3' was already used in line 4")]
    public void A_bad_line_is_named(string line, string answer)
    {
        _place.Append("train.jsonl", line);
        Train().Refused("train.jsonl, line 91", answer);
    }

    [Test]
    public void Not_UTF8()
    {
        File.AppendAllText(_place["train.jsonl"], "{\"text\": \"é\", \"label\": \"ham\"}\n", System.Text.Encoding.Latin1);
        Train().Refused("train.jsonl, line 91", "not UTF-8");
    }

    [Test]
    public void A_field_too_many_in_a_table()
    {
        File.WriteAllText(_place["mails.csv"], "text,label\nfree,spam\nmeeting, at ten,ham\n");
        Train("--train", "mails.csv").Refused("mails.csv, line 3", "3 fields; the header has 2 ('text' and 'label')");
    }

    [Test]
    public void A_download_that_broke_off()
    {
        using (var gzip = new GZipStream(File.Create(_place["mails.jsonl.gz"]), CompressionLevel.Fastest))
            gzip.Write(File.ReadAllBytes(_place["train.jsonl"]));
        using (var cut = File.OpenWrite(_place["mails.jsonl.gz"]))
            cut.SetLength(cut.Length - 20);
        Train("--train", "mails.jsonl.gz").Refused("mails.jsonl.gz", "the gzip data is damaged or cut off");
    }

    [TestCase("--text", "body")]
    [TestCase("--label", "class")]
    [TestCase("--text-pair", "answer")]
    [TestCase("--id", "key")]
    public void A_column_that_is_not_there(string option, string column) =>
        Train(option, column).Refused("train.jsonl, line 1", $"no column '{column}'. The columns there are: 'id', 'text' and 'label'.");

    [Test]
    public void An_unknown_label_in_the_dev_data()
    {
        _place.Append("dev.jsonl", "{\"id\": \"odd\", \"text\": \"free\", \"label\": \"eggs\"}");
        Train().Refused("dev.jsonl, line 31", "example 'odd' has the unknown label 'eggs'; the labels are 'ham' and 'spam'.");
    }

    [Test]
    public void One_label_only()
    {
        File.WriteAllLines(_place["train.jsonl"], File.ReadAllLines(_place["train.jsonl"]).Where(line => line.Contains("\"ham\"", StringComparison.Ordinal)));
        Train().Refused("train.jsonl", "training needs at least two labels; every example has the label 'ham'");
    }

    [Test]
    public void An_unknown_label_in_the_test_data_is_found_before_the_work()
    {
        using var place = Workplace.Trained();
        place.Append("test.jsonl", "{\"id\": \"odd\", \"text\": \"free\", \"label\": \"eggs\"}");
        place.Run("eval", "adapter", "--data", "test.jsonl").Refused("test.jsonl, line 31", "unknown label 'eggs'", "'ham' and 'spam'");
        place.Run("eval", "adapter", "--data", "test.jsonl", "--label", "kind").Refused("no column 'kind'");
    }

    [Test]
    public void A_broken_line_leaves_no_half_a_file_of_predictions()
    {
        using var place = Workplace.Trained();
        place.Run("predict", "adapter", "--data", "test.jsonl", "--out", "answers.jsonl").Done();
        var before = place.Sha256("answers.jsonl");
        place.Append("test.jsonl", "oops");
        place.Run("predict", "adapter", "--data", "test.jsonl", "--out", "answers.jsonl").Refused("test.jsonl, line 31", "not JSON");
        Assert.That(place.Sha256("answers.jsonl"), Is.EqualTo(before));
        Assert.That(Directory.EnumerateFiles(place.Folder, ".*"), Is.Empty);
    }

    [Test]
    public void An_empty_text_is_a_text()
    {
        _place.Append("train.jsonl", "{\"text\": \"\", \"label\": \"ham\"}");
        _place.Run(Workplace.Train).Done();
        Assert.That(_place.Run("predict", "adapter", "--text", "").Done().Output, Does.Contain("\"label\":"));
    }

    /// <summary>Trains, and sees to it that nothing is left when that is refused.</summary>
    Answer Train(params string[] options)
    {
        var answer = _place.Run(Workplace.TrainWith(options));
        Assert.That(Directory.Exists(_place["adapter"]) || Directory.Exists(_place["features"]), Is.False);
        return answer;
    }

    public void Dispose() => _place.Dispose();
}
