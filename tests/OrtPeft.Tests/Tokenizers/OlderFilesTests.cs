using System.Text;
using System.Text.Json;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>The files from before tokenizer.json give the same tokens as the converted file.</summary>
[TestFixture]
sealed class OlderFilesTests
{
    string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("ortpeft-tokenizer-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("bert", true)]
    [TestCase("bert-cased", false)]
    public void Vocab_txt_is_as_tokenizer_json(string name, bool lowercase)
    {
        Write("vocab.txt", string.Concat(Vocabulary(name).OrderBy(t => t.Value).Select(t => t.Key + "\n")));
        Write("tokenizer_config.json", $$"""{ "tokenizer_class": "BertTokenizerFast", "do_lower_case": {{(lowercase ? "true" : "false")}}, "mask_token": { "content": "[MASK]" } }""");
        AssertSame(name);
    }

    [TestCase("gpt2", """{ "tokenizer_class": "GPT2Tokenizer" }""")]
    [TestCase("roberta", """{ "tokenizer_class": "RobertaTokenizer", "add_prefix_space": false }""")]
    public void Vocab_json_and_merges_txt_are_as_tokenizer_json(string name, string config)
    {
        Write("vocab.json", JsonSerializer.Serialize(Vocabulary(name)));
        Write("merges.txt", "#version: 0.2\n" + string.Join('\n', Model(name).GetProperty("merges").EnumerateArray().Select(m => m.GetString())) + "\n");
        Write("tokenizer_config.json", config);
        AssertSame(name);
    }

    [Test]
    public void SentencePiece_model_of_XlmRoberta_is_as_tokenizer_json()
    {
        // The conversion puts <s>, <pad>, </s>, <unk> where the model has <unk>, <s>, </s>, and <mask> behind.
        var pieces = Pieces("xlmr2");
        Write("sentencepiece.bpe.model", SentencePieceModel([("<unk>", 0), ("<s>", 0), ("</s>", 0), .. pieces[4..^1]], 0, CharsMap("xlmr2")));
        Write("tokenizer_config.json", """{ "tokenizer_class": "XLMRobertaTokenizer" }""");
        AssertSame("xlmr2");
    }

    [Test]
    public void SentencePiece_model_of_DebertaV2_is_as_tokenizer_json()
    {
        Write("spm.model", SentencePieceModel(Pieces("deberta"), 3, CharsMap("deberta")));
        Write("tokenizer_config.json", """{ "tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": false }""");
        AssertSame("deberta");
    }

    [Test]
    public void Kinds_without_an_exact_conversion_are_refused_by_name()
    {
        Write("vocab.txt", "[UNK]\n");
        Write("tokenizer_config.json", """{ "tokenizer_class": "BertJapaneseTokenizer" }""");
        var error = Assert.Throws<OrtPeftException>(() => Tokenizer.Load(_folder))!;
        Assert.That(error.Message, Does.Contain("belongs to a BertJapaneseTokenizer").And.Contain("save_pretrained"));
    }

    [TestCase("sentencepiece.bpe.model", "\u000A\u007Fabc", "ends in the middle of a field")]
    [TestCase("spiece.model", "", "has no pieces")]
    public void Damaged_SentencePiece_model_is_refused(string file, string content, string expected)
    {
        Write(file, content);
        Write("tokenizer_config.json", """{ "tokenizer_class": "T5Tokenizer" }""");
        Assert.That(() => Tokenizer.Load(_folder), Throws.TypeOf<OrtPeftException>().With.Message.Contains(expected));
    }

    [Test]
    public void Folder_without_a_tokenizer_says_what_was_expected() =>
        Assert.That(() => Tokenizer.Load(_folder), Throws.TypeOf<OrtPeftException>().With.Message.Contains("expected one of tokenizer.json, vocab.txt"));

    [Test]
    public void Hash_of_tokenizer_json_is_that_of_the_file()
    {
        Write("tokenizer.json", TokenizerFixtures.FileOf("bert"));
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, "tokenizer.json"))));
        Assert.That(Tokenizer.Load(_folder).Sha256, Is.EqualTo(expected));
    }

    void AssertSame(string name)
    {
        var (expected, actual) = (TokenizerFixtures.Load(name), Tokenizer.Load(_folder));
        Assert.That(actual.VocabularySize, Is.EqualTo(expected.VocabularySize));
        foreach (var (first, second) in TokenizerFixtures.Pairs.Take(500))
        {
            var (wanted, given) = (expected.Encode(first, second), actual.Encode(first, second));
            Assert.That(given.Ids, Is.EqualTo(wanted.Ids));
            Assert.That(given.TypeIds, Is.EqualTo(wanted.TypeIds));
            Assert.That(given.Offsets, Is.EqualTo(wanted.Offsets));
            Assert.That(given.WordIds, Is.EqualTo(wanted.WordIds));
            Assert.That(actual.Decode(given.Ids.AsSpan()), Is.EqualTo(expected.Decode(wanted.Ids.AsSpan())));
        }
    }

    static JsonElement FileOf(string name) => JsonElement.Parse(TokenizerFixtures.FileOf(name));

    static JsonElement Model(string name) => FileOf(name).GetProperty("model");

    static Dictionary<string, int> Vocabulary(string name) => Model(name).GetProperty("vocab").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());

    static (string, float)[] Pieces(string name) =>
        [.. Model(name).GetProperty("vocab").EnumerateArray().Select(p => (p[0].GetString()!, (float)p[1].GetDouble()))];

    static byte[] CharsMap(string name) => FileOf(name).GetProperty("normalizer").GetProperty("normalizers").EnumerateArray()
        .Single(n => n.GetProperty("type").GetString() == "Precompiled").GetProperty("precompiled_charsmap").GetBytesFromBase64();

    /// <summary>A model in protobuf: pieces with scores, the unknown id, the character map.</summary>
    static byte[] SentencePieceModel((string Piece, float Score)[] pieces, int unknown, byte[] charsMap)
    {
        using var file = new MemoryStream();
        foreach (var (piece, score) in pieces)
        {
            using var message = new MemoryStream();
            Field(message, 1, Encoding.UTF8.GetBytes(piece));
            message.WriteByte(2 << 3 | 5);
            message.Write(BitConverter.GetBytes(score));
            Field(file, 1, message.ToArray());
        }
        using var trainer = new MemoryStream();
        trainer.Write([3 << 3, 1]);
        Varint(trainer, 40 << 3);
        Varint(trainer, unknown);
        Field(file, 2, trainer.ToArray());
        using var normalizer = new MemoryStream();
        Field(normalizer, 2, charsMap);
        Field(file, 3, normalizer.ToArray());
        return file.ToArray();
    }

    static void Field(Stream stream, int number, byte[] bytes)
    {
        Varint(stream, number << 3 | 2);
        Varint(stream, bytes.Length);
        stream.Write(bytes);
    }

    static void Varint(Stream stream, int value)
    {
        for (; value > 127; value >>= 7)
            stream.WriteByte((byte)(value | 128));
        stream.WriteByte((byte)value);
    }

    void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);

    void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_folder, name), content);
}
