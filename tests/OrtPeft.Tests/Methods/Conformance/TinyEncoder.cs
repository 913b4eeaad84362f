using System.Text.Json;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>A tiny encoder of some family as a model folder: an export of the fixtures, its configuration and a tokenizer with its special tokens.</summary>
sealed class TinyEncoder : IDisposable
{
    const int Vocabulary = 120;

    readonly TemporaryFolder _folder = new();

    internal TinyEncoder(string family, string export)
    {
        var fixture = BackboneFixture.Load(family);
        var (pad, cls, sep) = family switch
        {
            "roberta" or "bart-encoder" => (1, (int?)0, 2),
            "albert" => (0, 2, 3),
            "t5-encoder" => (0, null, 1),
            _ => (0, 1, 2),
        };
        File.WriteAllBytes(_folder["model.onnx"], fixture.Bytes(export));
        File.WriteAllText(_folder["config.json"], JsonSerializer.Serialize(new Dictionary<string, object> { ["model_type"] = family.Split('-')[0], ["max_position_embeddings"] = 64, ["pad_token_id"] = pad }));
        File.WriteAllText(_folder["tokenizer.json"], TokenizerJson(pad, cls, sep));
        Backbone = Backbone.Load(_folder["."]);
        Tokens = [.. new[] { 11, 7, 4 }.Select((length, row) => new EncodedExample([.. Enumerable.Range(0, length).Select(i =>
            i == 0 && cls is { } first ? first : i == length - 1 ? sep : 5 + (17 * row + 7 * i) % 100)]))];
    }

    internal Backbone Backbone { get; }

    /// <summary>Three texts of 11, 7 and 4 tokens.</summary>
    internal EncodedExample[] Tokens { get; }

    static string TokenizerJson(int pad, int? cls, int sep)
    {
        var names = Enumerable.Range(0, Vocabulary).Select(i => i == pad ? "[PAD]" : i == cls ? "[CLS]" : i == sep ? "[SEP]" : $"w{i}").ToArray();
        object Special(string name) => new { SpecialToken = new { id = name, type_id = 0 } };
        object Sequence(string name) => new { Sequence = new { id = name, type_id = 0 } };
        object[] first = cls is null ? [] : [Special("[CLS]")];
        var special = new[] { "[PAD]", "[CLS]", "[SEP]" }.Where(names.Contains).ToDictionary(n => n, n => Array.IndexOf(names, n));
        return JsonSerializer.Serialize(new
        {
            version = "1.0",
            added_tokens = special.OrderBy(s => s.Value).Select(s => new { id = s.Value, content = s.Key, special = true, single_word = false, lstrip = false, rstrip = false, normalized = false }),
            pre_tokenizer = new { type = "WhitespaceSplit" },
            post_processor = new
            {
                type = "TemplateProcessing",
                single = first.Concat([Sequence("A"), Special("[SEP]")]),
                pair = first.Concat([Sequence("A"), Special("[SEP]"), Sequence("B"), Special("[SEP]")]),
                special_tokens = special.Where(s => s.Key != "[PAD]").ToDictionary(s => s.Key, s => new { id = s.Key, ids = new[] { s.Value }, tokens = new[] { s.Key } }),
            },
            model = new { type = "WordLevel", vocab = names.Select((n, i) => (n, i)).ToDictionary(), unk_token = "w50" },
        });
    }

    public void Dispose() => _folder.Dispose();
}
