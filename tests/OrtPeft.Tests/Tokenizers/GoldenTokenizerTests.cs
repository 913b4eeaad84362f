using System.Buffers;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>Eight shapes of real tokenizers (one in two flavours) against the Hugging Face library: every value of every case.</summary>
[TestFixture]
sealed class GoldenTokenizerTests
{
    static readonly string[][] Families = [["bert", "bert-cased", "bert-added"], ["xlmr", "xlmr2", "deberta"], ["gpt2", "roberta"], ["llama2"]];

    static IEnumerable<string> FirstOfFamilies => Families.Select(f => f[0]);

    [TestCaseSource(nameof(FirstOfFamilies))]
    public void Texts_pairs_and_truncated_pairs_are_as_the_reference_gives_them(string family)
    {
        var golden = new GoldenFile($"golden-{family}.bin.br");
        var (texts, pairs) = (TokenizerFixtures.Texts, TokenizerFixtures.Pairs);
        var differences = new List<string>();
        foreach (var name in Families.Single(f => f[0] == family))
        {
            var tokenizer = TokenizerFixtures.Load(name);
            for (var i = 0; i < texts.Length; i++)
                Compare($"{name} text {i}", golden, () => tokenizer.Encode(texts[i]), differences);
            for (var i = 0; i < pairs.Length; i++)
                Compare($"{name} pair {i}", golden, () => tokenizer.Encode(pairs[i].First, pairs[i].Second), differences);
            foreach (var (strategy, count) in new[] { (TruncationStrategy.LongestFirst, 800), (TruncationStrategy.OnlySecond, 400) })
            {
                var options = new EncodeOptions { MaxLength = 24, Truncation = strategy };
                for (var i = 0; i < count; i++)
                    Compare($"{name} {strategy} {i}", golden, () => tokenizer.Encode(pairs[i].First, pairs[i].Second, options), differences);
            }
        }
        Assert.That(differences, Is.Empty);
    }

    [Test]
    public void Ids_decode_to_what_the_reference_gives()
    {
        var decoded = new GoldenFile("golden-decoded.bin.br");
        var (texts, pairs) = (TokenizerFixtures.Texts, TokenizerFixtures.Pairs);
        var differences = new List<string>();
        foreach (var name in Families.SelectMany(f => f))
        {
            var tokenizer = TokenizerFixtures.Load(name);
            var ids = texts.Select(t => tokenizer.EncodeIds(t)).Concat(pairs.Select(p => tokenizer.EncodeIds(p.First, p.Second))).ToArray();
            for (var i = 0; i < ids.Length; i++)
                Check(name, decoded.NextText(), tokenizer.Decode(ids[i]));
            for (var i = 0; i < 500; i++)
                Check(name, decoded.NextText(), tokenizer.Decode(ids[i], skipSpecialTokens: false));
        }
        Assert.That(differences, Is.Empty);

        void Check(string name, string expected, string actual)
        {
            if (expected != actual)
                differences.Add($"{name}: expected '{expected}', but was '{actual}'");
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Lean_ids_and_batches_equal_single_encodings(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        var texts = TokenizerFixtures.TextList("fuzz")[..500].Concat(TokenizerFixtures.TextList("curated")).ToArray();
        var single = texts.Select(t => tokenizer.Encode(t)).ToArray();
        var batch = tokenizer.EncodeBatch(texts);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.That(tokenizer.EncodeIds(texts[i]), Is.EqualTo(single[i].Ids));
            Assert.That(batch[i].Ids, Is.EqualTo(single[i].Ids));
            Assert.That(batch[i].Offsets, Is.EqualTo(single[i].Offsets));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void A_text_allocates_its_ids_and_nothing_else(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        var options = new EncodeOptions { MaxLength = int.MaxValue };
        var texts = string.Concat(TokenizerFixtures.TextList("fuzz")[..400].Concat(TokenizerFixtures.TextList("curated")));
        foreach (var length in new[] { 10, 10_000, 1_000_000 })
        {
            var text = string.Concat(Enumerable.Repeat(texts, 1 + length / texts.Length))[..length];
            var buffer = new ArrayBufferWriter<int>(4 * length);
            // Working memory grows to what this length needs, and parts of it change places.
            for (var warmUp = 0; warmUp < 3; warmUp++)
                Encode(text, buffer);
            var intoBuffer = Allocated(() => Encode(text, buffer));
            var asArray = Allocated(() => tokenizer.EncodeIds(text, options: options));
            // Code that the JIT has not optimised yet may box an enumerator; optimised code allocates nothing.
            const int unoptimised = 512;
            Assert.That(intoBuffer, Is.LessThanOrEqualTo(unoptimised), $"{length} characters");
            Assert.That(asArray, Is.LessThanOrEqualTo(sizeof(int) * buffer.WrittenCount + unoptimised), $"{length} characters");
        }

        void Encode(string text, ArrayBufferWriter<int> buffer)
        {
            buffer.ResetWrittenCount();
            tokenizer.EncodeIds(text, buffer, options: options);
        }

        // The least of several: a garbage collection, which other tests cause too, may empty pools of working memory in between.
        static long Allocated(Action work) => Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }

    static IEnumerable<string> Names => Families.SelectMany(f => f);

    static void Compare(string what, GoldenFile golden, Func<TokenEncoding> encode, List<string> differences)
    {
        var expected = golden.NextEncodings();
        string? difference;
        try
        {
            var actual = encode();
            difference = expected.Length == 0 ? "expected an error" : expected[0].Difference(actual);
        }
        catch (OrtPeftException e)
        {
            difference = expected.Length == 0 ? null : e.Message;
        }
        if (difference is not null)
            differences.Add($"{what}: {difference}");
    }
}
