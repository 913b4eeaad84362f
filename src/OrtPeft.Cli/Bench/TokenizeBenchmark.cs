using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// Megabytes of mail per second, on one core and on all, against the Hugging Face library in Rust in the same rounds: WordPiece is the model's own
/// tokenizer, byte-level BPE and Unigram are those of the tests. Nothing is truncated, and both sides must give the same ids.
/// </summary>
static class TokenizeBenchmark
{
    const string Name = "tokenize";
    static readonly EncodeOptions Whole = new() { MaxLength = int.MaxValue };

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            var texts = MailCorpus.Subset(input.Mails.Train, input.Quick ? 100 : 1000).Select(mail => mail.Text).ToArray();
            var textFile = Path.Combine(folder.FullName, "texts.json");
            File.WriteAllText(textFile, JsonSerializer.Serialize(texts));
            var tools = FindTools(input);
            var rows = new List<BenchmarkRow>();
            foreach (var (label, file) in Tokenizers(input, folder.FullName))
            {
                int[] cores = input.Execution.EffectiveThreads > 1 ? [1, input.Execution.EffectiveThreads] : [1];
                foreach (var count in cores)
                {
                    using var reference = tools is null ? null : ReferenceTokenizer.Start(tools, file, textFile, count);
                    rows.AddRange(Measure(input, $"{label}, {Measures.Count(count, "core")}", Tokenizer.Load(file), texts, count, reference, cancellationToken));
                }
            }
            return rows;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static IEnumerable<BenchmarkRow> Measure(
        BenchmarkInput input, string label, Tokenizer tokenizer, string[] texts, int cores, ReferenceTokenizer? reference, CancellationToken cancellationToken)
    {
        var megabytes = texts.Sum(text => (long)Encoding.UTF8.GetByteCount(text)) / 1e6;
        var (originals, ids, encodings) = (new List<double>(), new List<double>(), new List<double>());
        var rounds = input.Quick ? 1 : 7;
        var remark = "";
        for (var round = 0; round <= rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            input.Output.Say($"{Name}: {label}, round {round} of {rounds}{(round == 0 ? " (warm-up)" : "")}");
            var original = reference?.Encode();
            var lean = EncodeIds(tokenizer, texts, cores);
            var full = EncodeAll(tokenizer, texts, cores);
            if (round == 0)
            {
                remark = original is { } o && (o.Count, o.Hash) != (lean.Count, lean.Hash) ? $"; IDS DIFFER from the original's ({o.Count} and {lean.Count})" : "";
                continue;
            }
            originals.Add(original?.Seconds ?? double.NaN);
            ids.Add(lean.Seconds);
            encodings.Add(full);
        }

        if (reference is not null)
            yield return new(Name, $"{label}: original in Rust, offsets included", Rate(originals), 1);
        yield return new(Name, $"{label}: ids{remark}", Rate(ids), Ratio(ids), cores == 1 && reference is not null ? ">= 5" : null);
        yield return new(Name, $"{label}: ids, offsets and words", Rate(encodings), Ratio(encodings));

        string Rate(List<double> seconds) => string.Create(CultureInfo.InvariantCulture, $"{megabytes / Benchmarks.Median(seconds):F1} MB/s");
        double? Ratio(List<double> seconds) => reference is null ? null : Benchmarks.Median(originals.Zip(seconds, (o, s) => o / s));
    }

    static TokenizedTexts EncodeIds(Tokenizer tokenizer, string[] texts, int cores)
    {
        var ids = new int[texts.Length][];
        GC.Collect();
        var watch = Stopwatch.StartNew();
        if (cores == 1)
        {
            for (var i = 0; i < texts.Length; i++)
                ids[i] = tokenizer.EncodeIds(texts[i], options: Whole);
        }
        else
        {
            Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = cores }, i => ids[i] = tokenizer.EncodeIds(texts[i], options: Whole));
        }
        var seconds = watch.Elapsed.TotalSeconds;
        var hash = 0u;
        foreach (var id in ids.SelectMany(list => list))
            hash = unchecked(hash * 31 + (uint)id);
        return new(seconds, ids.Sum(list => (long)list.Length), hash);
    }

    static double EncodeAll(Tokenizer tokenizer, string[] texts, int cores)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        if (cores > 1)
        {
            tokenizer.EncodeBatch(texts, Whole);
        }
        else
        {
            var encodings = new TokenEncoding[texts.Length];
            for (var i = 0; i < texts.Length; i++)
                encodings[i] = tokenizer.Encode(texts[i], options: Whole);
        }
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>The tokenizers that are to be had, each with its file.</summary>
    static IEnumerable<(string Label, string File)> Tokenizers(BenchmarkInput input, string folder)
    {
        var model = Path.Combine(Path.GetDirectoryName(input.Backbone.ModelPath)!, "tokenizer.json");
        if (!File.Exists(model))
            model = Path.Combine(input.Backbone.Path, "tokenizer.json");
        if (File.Exists(model))
            yield return (ModelType(model), model);
        else
            input.Output.Say($"{Name}: the model's tokenizer is left out: {model} is not there.");

        const string fixtures = "tests/OrtPeft.Tests/Fixtures/tokenizers/tokenizers.json.br";
        if (Repository() is not { } repository || !File.Exists(Path.Combine(repository, fixtures)))
        {
            input.Output.Say($"{Name}: byte-level BPE and Unigram are left out: {fixtures} is not there. Run this in a clone of OrtPeft's repository.");
            yield break;
        }
        using var brotli = new BrotliStream(File.OpenRead(Path.Combine(repository, fixtures)), CompressionMode.Decompress);
        using var all = JsonDocument.Parse(brotli);
        foreach (var (label, key) in new[] { ("byte-level BPE", "gpt2"), ("Unigram", "xlmr2") })
        {
            var file = Path.Combine(folder, key + ".json");
            File.WriteAllBytes(file, JsonMarshal.GetRawUtf8Value(all.RootElement.GetProperty(key)));
            yield return (label, file);
        }
    }

    static string ModelType(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return json.RootElement.GetProperty("model").TryGetProperty("type", out var type) ? type.GetString()! : "the model's tokenizer";
    }

    /// <summary>Where the reference library is, installed; null, and why, where it cannot be had.</summary>
    static string? FindTools(BenchmarkInput input)
    {
        var tools = Repository() is { } repository ? Path.Combine(repository, "export-tools", "tokenizer-goldens") : null;
        var why = tools is null ? "its script is in a clone of OrtPeft's repository only" : ReferenceTokenizer.Install(Repository()!, tools, input.Quick);
        if (why is null)
            return tools;
        input.Output.Say($"{Name}: without the reference library, so without ratios: {why}.");
        return null;
    }

    /// <summary>The clone that the program was built in or is run in, if it is one.</summary>
    static string? Repository()
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "OrtPeft.sln")))
                    return folder.FullName;
            }
        }
        return null;
    }
}
