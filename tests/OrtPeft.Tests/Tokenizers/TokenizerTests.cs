using System.Buffers;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>What a caller sees of a tokenizer, on a vocabulary small enough to read.</summary>
[TestFixture]
sealed class TokenizerTests
{
    const string Json = """
        { "version": "1.0", "truncation": { "max_length": 8, "strategy": "LongestFirst", "stride": 0 },
          "padding": { "strategy": { "Fixed": 10 }, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]" },
          "added_tokens": [ { "id": 2, "special": true, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false } ],
          "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true },
          "pre_tokenizer": { "type": "BertPreTokenizer" },
          "post_processor": { "type": "TemplateProcessing",
            "single": [ { "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 0 } } ],
            "pair": [ { "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 0 } },
                      { "Sequence": { "id": "B", "type_id": 1 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 1 } } ],
            "special_tokens": { "[CLS]": { "id": "[CLS]", "ids": [2], "tokens": ["[CLS]"] }, "[SEP]": { "id": "[SEP]", "ids": [3], "tokens": ["[SEP]"] } } },
          "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
          "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": { "[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "cafe": 4, "##s": 5, "new": 6, ",": 7, "i": 8 } } }
        """;

    static readonly Tokenizer Tokenizer = new(TokenizerJson.Read(System.Text.Encoding.UTF8.GetBytes(Json), "tokenizer.json"), "00");

    [Test]
    public void Text_gives_ids_offsets_words_and_masks()
    {
        var e = Tokenizer.Encode("New Cafés, \U0001F600");
        Assert.Multiple(() =>
        {
            Assert.That(e.Ids, Is.EqualTo(new[] { 2, 6, 4, 5, 7, 1, 3 }));
            Assert.That(e.Tokens, Is.EqualTo(new[] { "[CLS]", "new", "cafe", "##s", ",", "[UNK]", "[SEP]" }));
            Assert.That(e.Offsets, Is.EqualTo(new TextSpan[] { new(0, 0), new(0, 3), new(4, 8), new(8, 9), new(9, 10), new(11, 13), new(0, 0) }));
            Assert.That(e.CodePointOffsets[5], Is.EqualTo(new TextSpan(11, 12)));
            Assert.That(e.WordIds, Is.EqualTo(new[] { -1, 0, 1, 1, 2, 3, -1 }));
            Assert.That(e.SpecialTokensMask, Is.EqualTo(new[] { 1, 0, 0, 0, 0, 0, 1 }));
            Assert.That(e.AttentionMask, Is.All.EqualTo(1));
        });
    }

    [Test]
    public void Pair_gives_type_and_sequence_ids()
    {
        var e = Tokenizer.Encode("new", "i, i");
        Assert.Multiple(() =>
        {
            Assert.That(e.Ids, Is.EqualTo(new[] { 2, 6, 3, 8, 7, 8, 3 }));
            Assert.That(e.TypeIds, Is.EqualTo(new[] { 0, 0, 0, 1, 1, 1, 1 }));
            Assert.That(e.SequenceIds, Is.EqualTo(new[] { -1, 0, -1, 1, 1, 1, -1 }));
        });
    }

    [Test]
    public void Padding_of_the_file_is_carried_out_only_when_asked_for()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Tokenizer.Encode("new").Ids, Is.EqualTo(new[] { 2, 6, 3 }));
            Assert.That(Tokenizer.Encode("new", options: new() { Padding = Tokenizer.Padding }).Ids, Is.EqualTo(new[] { 2, 6, 3, 0, 0, 0, 0, 0, 0, 0 }));
        });
    }

    [Test]
    public void MaxLength_overrides_the_file()
    {
        const string text = "i i i i i i i i i i i i";
        Assert.Multiple(() =>
        {
            Assert.That(Tokenizer.Encode(text).Length, Is.EqualTo(8));
            Assert.That(Tokenizer.Encode(text, options: new() { MaxLength = 5 }).Length, Is.EqualTo(5));
            Assert.That(Tokenizer.Encode(text, options: new() { MaxLength = int.MaxValue }).Length, Is.EqualTo(14));
        });
    }

    [Test]
    public void Lean_ids_equal_the_ids_of_the_full_encoding()
    {
        var (ids, types) = (new ArrayBufferWriter<int>(), new ArrayBufferWriter<int>());
        var count = Tokenizer.EncodeIds("Cafés", "i,", ids, types);
        var full = Tokenizer.Encode("Cafés", "i,");
        Assert.Multiple(() =>
        {
            Assert.That(count, Is.EqualTo(full.Length));
            Assert.That(ids.WrittenSpan.ToArray(), Is.EqualTo(full.Ids));
            Assert.That(types.WrittenSpan.ToArray(), Is.EqualTo(full.TypeIds));
            Assert.That(Tokenizer.EncodeIds("Cafés", "i,"), Is.EqualTo(full.Ids));
        });
    }

    [Test]
    public void An_error_says_which_text_of_the_batch()
    {
        var texts = Enumerable.Range(0, 500).Select(i => i is 200 or 400 ? "new cafe" : "").ToArray();
        Assert.That(
            () => Tokenizer.EncodeBatch(texts, new() { MaxLength = 3, Truncation = TruncationStrategy.OnlySecond }),
            Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("Text 200 of the batch"));
    }

    [Test]
    public void Batches_and_streams_can_be_cancelled()
    {
        var cancelled = new CancellationToken(canceled: true);
        Assert.Multiple(() =>
        {
            Assert.That(() => Tokenizer.EncodeBatch(["new"], null, cancelled), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(async () => await Tokenizer.EncodeAsync(new[] { "new" }.ToAsyncEnumerable(), null, cancelled).FirstOrDefaultAsync(cancelled), Throws.InstanceOf<OperationCanceledException>());
        });
    }

    [Test]
    public async Task Streams_give_the_same_in_the_same_order()
    {
        var texts = Enumerable.Range(0, 600).Select(i => i % 3 == 0 ? "new cafe" : string.Concat(Enumerable.Repeat("i ", i % 7))).ToArray();
        var streamed = new List<TokenEncoding>();
        await foreach (var encoding in Tokenizer.EncodeAsync(Stream()))
            streamed.Add(encoding);
        Assert.That(streamed.Select(e => string.Join(' ', e.Ids)), Is.EqualTo(texts.Select(t => string.Join(' ', Tokenizer.EncodeIds(t)))));

        async IAsyncEnumerable<string> Stream()
        {
            foreach (var text in texts)
            {
                await Task.Yield();
                yield return text;
            }
        }
    }

    [Test]
    public void A_stream_cannot_be_padded_to_its_longest()
    {
        var stream = Tokenizer.EncodeAsync(AsyncEnumerable.Empty<string>(), new() { Padding = new() });
        Assert.That(async () => await stream.FirstOrDefaultAsync(), Throws.TypeOf<OrtPeftException>().With.Message.Contains("no longest text"));
    }

    [Test]
    public void Windows_cover_the_whole_text_and_repeat_the_stride()
    {
        var text = string.Join(' ', Enumerable.Repeat("new cafe i", 10));
        var kept = Tokenizer.Encode(text, options: new() { MaxLength = 8, Overflow = true, Stride = 2 });
        TokenEncoding[] windows = [kept, .. kept.Overflow];
        var words = windows.Select(w => w.WordIds.Where(i => i >= 0).ToArray()).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(words[0], Is.EqualTo(new[] { 0, 1, 2, 3, 4, 5 }));
            Assert.That(words[1], Is.EqualTo(new[] { 4, 5, 6, 7, 8, 9 }));
            Assert.That(words[^1][^1], Is.EqualTo(29));
            Assert.That(words.SelectMany(w => w).Distinct().Count(), Is.EqualTo(30));
        });
    }

    [Test]
    public void Cutting_from_the_left_keeps_the_end()
    {
        var e = Tokenizer.Encode("new cafe i", options: new() { MaxLength = 4, TruncationSide = TokenSide.Left });
        Assert.That(e.Tokens, Is.EqualTo(new[] { "[CLS]", "cafe", "i", "[SEP]" }));
    }

    [Test]
    public void Batches_pad_to_their_longest()
    {
        var batch = Tokenizer.EncodeBatch(["new", "new cafe i"], new() { Padding = new() { Side = TokenSide.Left } });
        Assert.Multiple(() =>
        {
            Assert.That(batch[0].Ids, Is.EqualTo(new[] { 0, 0, 2, 6, 3 }));
            Assert.That(batch[0].AttentionMask, Is.EqualTo(new[] { 0, 0, 1, 1, 1 }));
            Assert.That(batch[1].Ids, Is.EqualTo(new[] { 2, 6, 4, 8, 3 }));
        });
    }

    [Test]
    public void Limits_that_leave_no_room_are_errors() => Assert.Multiple(() =>
    {
        Assert.That(() => Tokenizer.Encode("new", options: new() { MaxLength = 1 }), Throws.TypeOf<OrtPeftException>().With.Message.Contains("the special tokens alone are 2"));
        Assert.That(
            () => Tokenizer.Encode("new cafe i i i i", options: new() { MaxLength = 4, Stride = 2, Overflow = true }),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("Stride must be smaller"));
        Assert.That(
            () => Tokenizer.EncodeBatch(["new cafe"], new() { MaxLength = 3, Truncation = TruncationStrategy.OnlySecond }),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("there is no second text"));
    });

    [Test]
    public void Tokens_and_ids_are_found_both_ways() => Assert.Multiple(() =>
    {
        Assert.That(Tokenizer.VocabularySize, Is.EqualTo(9));
        Assert.That(Tokenizer.TokenToId("cafe"), Is.EqualTo(4));
        Assert.That(Tokenizer.TokenToId("tea"), Is.Null);
        Assert.That(Tokenizer.IdToToken(4), Is.EqualTo("cafe"));
        Assert.That(Tokenizer.IdToToken(9), Is.Null);
        Assert.That((Tokenizer.PadId, Tokenizer.PadToken), Is.EqualTo((0, "[PAD]")));
        Assert.That(Tokenizer.Decode([2, 6, 4, 5, 3]), Is.EqualTo("new cafes [SEP]"));
    });
}
