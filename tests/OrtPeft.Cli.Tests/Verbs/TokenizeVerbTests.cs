using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class TokenizeVerbTests
{
    static Answer Tokenize(params string[] options) => Ortpeft.Run(AppContext.BaseDirectory, ["tokenize", "onnx-models/all-minilm-l6-v2", .. options]);

    [Test]
    public void A_person_sees_tokens_ids_and_where_they_stand()
    {
        var lines = Tokenize("--text", "You won\n\u001b[2J a prize").Done().Output.Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        Assert.That(lines[0], Is.EqualTo("1: 9 tokens"));
        Assert.That(lines, Has.Some.EqualTo("[CLS] 101").And.Some.EqualTo("you 2017 0 to 3 0 You").And.Some.EqualTo("won 2180 4 to 7 1 won"));
        Assert.That(lines, Has.None.Contains("\u001b"));
    }

    [Test]
    public void Json_has_everything_about_texts_in_their_order()
    {
        var json = Tokenize("--text", "caf\u00e9 [MASK]", "--text", "", "--json").Done().Json;
        var texts = json["texts"]!.AsArray();
        Assert.That((string?)json["tokenizer"], Has.Length.EqualTo(64));
        Assert.That(texts.Select(t => (string?)t!["id"]), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(Numbers(texts[0]!["ids"]), Is.EqualTo(new[] { 101, 7668, 103, 102 }));
        Assert.That(texts[0]!["tokens"]!.AsArray().Select(t => (string?)t), Is.EqualTo(new[] { "[CLS]", "cafe", "[MASK]", "[SEP]" }));
        Assert.That(texts[0]!["offsets"]!.AsArray().SelectMany(Numbers), Is.EqualTo(new[] { 0, 0, 0, 4, 5, 11, 0, 0 }));
        Assert.That(Numbers(texts[0]!["wordIds"]), Is.EqualTo(new[] { -1, 0, 1, -1 }));
        Assert.That(Numbers(texts[1]!["ids"]), Is.EqualTo(new[] { 101, 102 }));
    }

    [Test]
    public void A_pair_has_two_sequences()
    {
        var text = Tokenize("--text", "a b", "--pair", "c", "--json").Done().Json["texts"]![0]!;
        Assert.That(Numbers(text["ids"]), Is.EqualTo(new[] { 101, 1037, 1038, 102, 1039, 102 }));
        Assert.That(Numbers(text["typeIds"]), Is.EqualTo(new[] { 0, 0, 0, 0, 1, 1 }));
        Assert.That(Numbers(text["sequenceIds"]), Is.EqualTo(new[] { -1, 0, 0, -1, 1, -1 }));
    }

    [Test]
    public void A_data_set_gives_texts_pairs_and_ids_and_is_cut_when_asked()
    {
        var file = Path.GetTempFileName();
        try
        {
            var csv = Path.ChangeExtension(file, ".csv");
            File.WriteAllText(csv, "text,text_pair,id\na b,c d,x\na,,y\n");
            var texts = Tokenize("--data", csv, "--max-length", "5", "--json").Done().Json["texts"]!.AsArray();
            File.Delete(csv);
            Assert.That(texts.Select(t => (string?)t!["id"]), Is.EqualTo(new[] { "x", "y" }));
            Assert.That(Numbers(texts[0]!["ids"]), Is.EqualTo(new[] { 101, 1037, 102, 1039, 102 }));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("tokenize needs either --text or --data")]
    [TestCase("tokenize needs either --text or --data", "--text", "a", "--data", "b.csv")]
    [TestCase("tokenize is given 1 times --pair and 2 times --text", "--text", "a", "--text", "b", "--pair", "c")]
    [TestCase("the special tokens alone are 2", "--text", "a", "--max-length", "1")]
    public void Wrong_usage_is_refused(string expected, params string[] options) => Tokenize(options).Refused(expected);

    static int[] Numbers(JsonNode? list) => [.. list!.AsArray().Select(n => (int)n!)];
}
