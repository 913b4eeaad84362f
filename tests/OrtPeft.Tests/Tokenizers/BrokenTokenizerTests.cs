using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>Broken files give one error that says what and where.</summary>
[TestFixture]
sealed class BrokenTokenizerTests
{
    const string WordLevel = """
        { "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null,
          "decoder": null, "model": { "type": "WordLevel", "vocab": { "a": 0, "b": 1 }, "unk_token": "a" } }
        """;

    const string Bpe = """
        { "added_tokens": [], "model": { "type": "BPE", "dropout": null, "unk_token": null, "vocab": { "a": 0, "b": 1, "ab": 2 }, "merges": [ "a b" ] } }
        """;

    static IEnumerable<TestCaseData> Files()
    {
        yield return Case("truncated file", WordLevel[..100], "is not valid JSON");
        yield return Case("not an object", "[1, 2]", "the top level is array, expected an object");
        yield return Case("no model", "{}", "model is missing");
        yield return Case("unknown model", With("model", "type", "\"Magic\""), "model.type is 'Magic', which is no known model; known are BPE, Unigram, WordLevel, WordPiece");
        yield return Case("unknown normalizer", With("normalizer", """{ "type": "Shout" }"""), "normalizer.type is 'Shout', which is no known normalizer");
        yield return Case("unknown pre-tokenizer inside a sequence",
            With("pre_tokenizer", """{ "type": "Sequence", "pretokenizers": [ { "type": "Whitespace" }, { "type": "Chop" } ] }"""), "pre_tokenizer.pretokenizers[1].type is 'Chop'");
        yield return Case("unknown post-processor", With("post_processor", """{ "type": "Wrap" }"""), "post_processor.type is 'Wrap'");
        yield return Case("unknown decoder", With("decoder", """{ "type": "Guess" }"""), "decoder.type is 'Guess'");
        yield return Case("merge of an unknown token", Bpe.Replace("\"a b\"", "\"a c\"", StringComparison.Ordinal), "model.merges[0] merges 'a' and 'c', but 'c' is not in the vocabulary");
        yield return Case("merge into an unknown token", Bpe.Replace("\"a b\"", "\"b a\"", StringComparison.Ordinal), "'ba' is not in the vocabulary");
        yield return Case("merge of three", Bpe.Replace("\"a b\"", "\"a b a\"", StringComparison.Ordinal), "expected two tokens with one space between them");
        yield return Case("gap in the vocabulary", With("model", "vocab", """{ "a": 0, "b": 2 }"""), "no token has the id 1");
        yield return Case("id given twice", With("model", "vocab", """{ "a": 0, "b": 0 }"""), "model.vocab gives the id 0 to both 'a' and 'b'");
        yield return Case("token given twice", WordLevel.Replace("\"b\": 1", "\"a\": 1", StringComparison.Ordinal), "model.vocab contains 'a' twice");
        yield return Case("negative id", With("model", "vocab", """{ "a": 0, "b": -1 }"""), "gives 'b' the id -1");
        yield return Case("huge id", With("model", "vocab", """{ "a": 0, "b": 2000000000 }"""), "gives 'b' the id 2000000000");
        yield return Case("id that is a text", With("model", "vocab", """{ "a": 0, "b": "1" }"""), "gives 'b' the id 1, expected a whole number");
        yield return Case("half a surrogate pair as a token", With("model", "vocab", """{ "a": 0, "\ud83d": 1 }"""), "is not valid JSON: Cannot read incomplete UTF-16");
        yield return Case("half a surrogate pair as a value", With("normalizer", """{ "type": "\ud83d" }"""), "is not valid JSON: Cannot read incomplete UTF-16");
        yield return Case("fractional id", With("model", "vocab", """{ "a": 0, "b": 0.5 }"""), "gives 'b' the id 0.5");
        yield return Case("added token with another id", With("added_tokens", Added("b", 0)), "added_tokens[0].id is 0, but the vocabulary gives 'b' the id 1");
        yield return Case("added token far away", With("added_tokens", Added("c", 1_000_000_000)), "added_tokens[0].id is 1000000000, more than a vocabulary may have");
        yield return Case("nested 10,000 deep", With("normalizer", Nested(10_000)), "is not valid JSON");
        yield return Case("invalid regular expression", With("pre_tokenizer", Split("(a")), "pre_tokenizer.pattern.Regex is a regular expression that cannot be carried out exactly: a group is not closed");
        yield return Case("back reference", With("pre_tokenizer", Split(@"(a)\\1")), @"it uses \1");
        yield return Case("unknown property", With("pre_tokenizer", Split(@"\\p{Klingon}")), "it uses the property 'Klingon', which is not known");
        yield return Case("atomic group looking behind", With("pre_tokenizer", Split("(?<=a++b)c")), "it looks behind with an atomic group, a possessive quantifier or \\R");
        yield return Case("once, lazily", With("pre_tokenizer", Split("a{1}?b")), "it uses {1}?");
        yield return Case("half an intersection", With("pre_tokenizer", Split("[a&&]")), "an intersection of classes has an empty side");
        yield return Case("random tokens", Bpe.Replace("\"dropout\": null", "\"dropout\": 0.1", StringComparison.Ordinal), "model.dropout is 0.1: tokens drawn at random cannot be reproduced");
        yield return Case("template without its token", With("post_processor",
            """{ "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "[X]", "type_id": 0 } } ], "pair": [], "special_tokens": {} }"""), "post_processor.single[0].SpecialToken.id is '[X]', which special_tokens does not list");
        yield return Case("special token beyond the vocabulary", With("post_processor", """{ "type": "BertProcessing", "cls": [ "[CLS]", 7 ], "sep": [ "a", 0 ] }"""), "post_processor uses the id 7, but the vocabulary ends at 1");
        yield return Case("padding beyond the vocabulary", With("padding",
            """{ "strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null, "pad_id": 9, "pad_type_id": 0, "pad_token": "[PAD]" }"""), "padding.pad_id is 9, but the vocabulary ends at 1");
        yield return Case("unknown strategy", With("truncation", """{ "max_length": 8, "strategy": "Halve", "stride": 0 }"""), "truncation.strategy is 'Halve', expected one of LongestFirst, OnlyFirst, OnlySecond");
        yield return Case("damaged character map", With("normalizer", """{ "type": "Precompiled", "precompiled_charsmap": "/////w==" }"""), "normalizer.precompiled_charsmap");
        yield return Case("wrong kind of value", With("normalizer", """{ "type": "Strip", "strip_left": 1, "strip_right": true }"""), "normalizer.strip_left is 1, expected true or false");
        yield return Case("score that is no number", """{ "added_tokens": [], "model": { "type": "Unigram", "unk_id": 0, "vocab": [ ["a", "b"] ] } }""", "model.vocab[0][1] is b, expected a number");
        yield return Case("unknown token beyond the vocabulary", """{ "added_tokens": [], "model": { "type": "Unigram", "unk_id": 5, "vocab": [ ["a", 0] ] } }""", "model.unk_id is 5");
    }

    [TestCaseSource(nameof(Files))]
    public void File_gives_one_clear_error(string json, string expected)
    {
        var error = Assert.Throws<OrtPeftException>(() => TokenizerFixtures.Parse(json))!;
        Assert.That(error.Message, Does.Contain(expected).And.Contain("'tokenizer.json'"));
    }

    [Test]
    public void Vocabulary_of_ten_million_is_refused_before_it_is_built()
    {
        var json = new StringBuilder(WordLevel[..WordLevel.IndexOf("{ \"a\": 0", StringComparison.Ordinal)]).Append('{');
        for (var i = 0; i < 10_000_000; i++)
            json.Append(i == 0 ? "\"" : ",\"").Append(i).Append("\":").Append(i);
        json.Append("}, \"unk_token\": \"a\" } }");
        var error = Assert.Throws<OrtPeftException>(() => TokenizerFixtures.Parse(json.ToString()))!;
        Assert.That(error.Message, Does.Contain("model.vocab has 10000000 tokens, more than the 4000000 that a vocabulary may have"));
    }

    [Test]
    public void Bytes_that_are_no_UTF8_are_refused()
    {
        var bytes = Encoding.Latin1.GetBytes(WordLevel.Replace("\"b\"", "\"\u00e9\"", StringComparison.Ordinal));
        Assert.That(() => TokenizerJson.Read(bytes, "tokenizer.json"), Throws.TypeOf<OrtPeftException>().With.Message.Contains("'tokenizer.json' is not valid JSON: It is not UTF-8"));
    }

    [Test]
    public void Catastrophic_pattern_is_given_up_on()
    {
        var tokenizer = TokenizerFixtures.Parse(With("pre_tokenizer", Split("(?:(?=a)(?:a|aa|a(?=a)))+(?!a|b)$")));
        var error = Assert.Throws<OrtPeftException>(() => tokenizer.Encode(new string('a', 60) + "b"))!;
        Assert.That(error.Message, Does.Contain("exponential time"));
    }

    [Test]
    public void Pattern_that_looks_at_the_whole_text_again_and_again_is_given_up_on()
    {
        var tokenizer = TokenizerFixtures.Parse(With("pre_tokenizer", Split("a(?=(?:ab?|b)*z)|.")));
        var error = Assert.Throws<OrtPeftException>(() => tokenizer.Encode(new string('a', 60_000)))!;
        Assert.That(error.Message, Does.Contain("on a text of 60000 characters; it needs quadratic time"));
    }

    [Test]
    public void Missing_file_says_what_to_give()
    {
        var error = Assert.Throws<OrtPeftException>(() => Tokenizer.Load("/nowhere/tokenizer.json"))!;
        Assert.That(error.Message, Does.Contain("'/nowhere/tokenizer.json' does not exist"));
    }

    static TestCaseData Case(string name, string json, string expected) => new TestCaseData(json, expected).SetArgDisplayNames(name);

    static string With(string part, string value)
    {
        var json = JsonNode.Parse(WordLevel)!;
        // Text is put in as it is: a parser would refuse some of it before ours sees it.
        json[part] = "@@";
        return json.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal);
    }

    static string With(string part, string name, string value)
    {
        var json = JsonNode.Parse(WordLevel)!;
        json[part]![name] = "@@";
        return json.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal);
    }

    static string Added(string content, int id) =>
        $$"""[ { "id": {{id}}, "content": "{{content}}", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true } ]""";

    static string Split(string pattern) => $$"""{ "type": "Split", "pattern": { "Regex": "{{pattern}}" }, "behavior": "Isolated", "invert": false }""";

    static string Nested(int depth) =>
        string.Concat(Enumerable.Repeat("""{ "type": "Sequence", "normalizers": [ """, depth)) + string.Concat(Enumerable.Repeat("] }", depth));
}
