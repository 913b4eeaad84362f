using System.Buffers;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>The adapter's source, compiled against a stub of Microsoft.ML.Tokenizers: its own logic, not the package, is tested here.</summary>
[TestFixture]
sealed class MicrosoftTokenizerTests
{
    const string Json = """
        { "added_tokens": [ { "id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true } ],
          "pre_tokenizer": { "type": "WhitespaceSplit" }, "post_processor": { "type": "BertProcessing", "cls": [ "[CLS]", 1 ], "sep": [ "[CLS]", 1 ] },
          "model": { "type": "WordLevel", "vocab": { "[UNK]": 0, "[CLS]": 1, "hello": 2, "world": 3 }, "unk_token": "[UNK]" } }
        """;

    static readonly Tokenizer Own = Load();
    static readonly Microsoft.ML.Tokenizers.Tokenizer Adapter = new MicrosoftTokenizer(Own);

    [Test]
    public void Tokens_carry_ids_texts_and_offsets_in_the_original_text()
    {
        var tokens = Adapter.EncodeToTokens("hello  world", out var normalized);
        Assert.Multiple(() =>
        {
            Assert.That(tokens.Select(t => t.Id), Is.EqualTo(new[] { 1, 2, 3, 1 }));
            Assert.That(tokens.Select(t => t.Value), Is.EqualTo(new[] { "[CLS]", "hello", "world", "[CLS]" }));
            Assert.That(tokens[2].Offset, Is.EqualTo(7..12));
            Assert.That(normalized, Is.Null);
        });
    }

    [Test]
    public void A_limit_says_how_much_text_was_used()
    {
        var ids = Adapter.EncodeToIds("hello world", 2, out _, out var consumed);
        Assert.Multiple(() =>
        {
            Assert.That(ids, Is.EqualTo(new[] { 1, 2 }));
            Assert.That(consumed, Is.EqualTo(5));
        });
    }

    [Test]
    public void Decoding_reports_a_buffer_that_is_too_small()
    {
        var buffer = new char[11];
        Assert.Multiple(() =>
        {
            Assert.That(Adapter.Decode([1, 2, 3, 1], buffer, out var ids, out var chars), Is.EqualTo(OperationStatus.Done));
            Assert.That((ids, chars, new string(buffer)), Is.EqualTo((4, 11, "hello world")));
            Assert.That(Adapter.Decode([2, 3], buffer.AsSpan(0, 10), out _, out chars), Is.EqualTo(OperationStatus.DestinationTooSmall));
            Assert.That(chars, Is.Zero);
        });
    }

    [Test]
    public void Switching_normalization_off_is_refused() =>
        Assert.That(() => Adapter.EncodeToTokens("hello", out _, considerNormalization: false), Throws.TypeOf<NotSupportedException>());

    static Tokenizer Load()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Json);
            return Tokenizer.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
