using System.Text.Json;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>
/// Small tokenizers that each show one component, against the Hugging Face library. Most use a model that turns every character into its
/// bytes, so that ids spell out the normalised text, offsets its origin and word ids the cuts.
/// </summary>
[TestFixture]
sealed class ComponentTests
{
    static readonly Lazy<JsonElement> Manifest = new(() => TokenizerFixtures.Json("components.json.br"));

    [Test]
    public void Normalizers_pre_tokenizers_added_tokens_and_models_are_as_the_reference()
    {
        var golden = new GoldenFile("golden-components.bin.br");
        var texts = Manifest.Value.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!).ToArray();
        var differences = new List<string>();
        foreach (var component in new[] { "components", "models" }.SelectMany(kind => Manifest.Value.GetProperty(kind).EnumerateObject()))
        {
            var tokenizer = TokenizerFixtures.Parse(component.Value.GetRawText());
            foreach (var text in texts)
            {
                var encoding = tokenizer.Encode(text);
                var expected = golden.NextEncodings()[0];
                var idsOnly = component.Name.EndsWith("(ids only)", StringComparison.Ordinal);
                if (idsOnly && !expected.Ids.SequenceEqual(encoding.Ids))
                    differences.Add($"{component.Name}, '{text}': expected {string.Join(' ', expected.Ids)}, but was {string.Join(' ', encoding.Ids)}");
                if (!idsOnly && expected.Difference(encoding) is { } difference)
                    differences.Add($"{component.Name}, '{text}': {difference}");
                Assert.That(tokenizer.EncodeIds(text), Is.EqualTo(encoding.Ids), component.Name);
            }
        }
        CompareProcessors(golden, differences);
        Assert.That(differences, Is.Empty);
    }

    /// <summary>Post-processors with truncation, windows and padding as the file of the tokenizer asks for them.</summary>
    static void CompareProcessors(GoldenFile golden, List<string> differences)
    {
        foreach (var processor in Manifest.Value.GetProperty("processors").EnumerateObject())
        {
            var file = processor.Value.GetProperty("tokenizer");
            foreach (var item in processor.Value.GetProperty("cases").EnumerateArray())
            {
                var tokenizer = TokenizerFixtures.Parse(With(file, item));
                var kept = item.TryGetProperty("keptOnly", out _);
                var options = new EncodeOptions { AddSpecialTokens = !item.TryGetProperty("add", out _), Padding = tokenizer.Padding, Overflow = !kept };
                var pair = item.TryGetProperty("pair", out var second) ? second.GetString() : null;
                var expected = golden.NextEncodings();
                TokenEncoding encoding;
                try
                {
                    encoding = tokenizer.Encode(item.GetProperty("text").GetString()!, pair, options);
                }
                catch (OrtPeftException e)
                {
                    if (expected.Length > 0)
                        differences.Add($"{processor.Name}, {item}: {e.Message}");
                    continue;
                }
                TokenEncoding[] windows = kept ? [encoding] : [encoding, .. encoding.Overflow];
                if (expected.Length == 0 || (!kept && expected.Length != windows.Length))
                    differences.Add($"{processor.Name}, {item}: expected {expected.Length} windows, but were {windows.Length}");
                foreach (var (window, wanted) in windows.Zip(expected))
                {
                    if (wanted.Difference(window) is { } difference)
                        differences.Add($"{processor.Name}, {item}: {difference}");
                }
            }
        }
    }

    [Test]
    public void Decoders_are_as_the_reference()
    {
        var golden = new GoldenFile("golden-components.bin.br");
        var differences = new List<string>();
        foreach (var decoder in Manifest.Value.GetProperty("decoders").EnumerateObject())
        {
            var tokenizer = TokenizerFixtures.Parse(decoder.Value.GetProperty("tokenizer").GetRawText());
            foreach (var list in decoder.Value.GetProperty("ids").EnumerateArray())
            {
                var ids = list.EnumerateArray().Select(i => i.GetInt32()).ToArray();
                foreach (var skip in new[] { true, false })
                {
                    var (expected, actual) = (golden.NextText(), tokenizer.Decode(ids, skip));
                    if (expected != actual)
                        differences.Add($"{decoder.Name}, {string.Join(' ', ids.Select(i => $"'{tokenizer.IdToToken(i)}'"))}: expected '{expected}', but was '{actual}'");
                }
            }
        }
        Assert.That(differences, Is.Empty);
    }

    /// <summary>The tokenizer's file with the truncation and padding of a case.</summary>
    static string With(JsonElement file, JsonElement item)
    {
        var parts = file.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        foreach (var name in new[] { "truncation", "padding" })
        {
            if (item.TryGetProperty(name, out var value))
                parts[name] = value;
        }
        return JsonSerializer.Serialize(parts);
    }
}
