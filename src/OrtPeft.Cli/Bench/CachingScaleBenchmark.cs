using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// What happens to `ortpeft cache` when data become large: memory, speed at the end, a second run over them, and reading them. Each run is a process
/// of its own, as a user's is, and is watched from outside: the peak of its memory, and its processor time whenever a shard appears.
/// Processor time, because other work on the machine changes it little.
/// </summary>
static class CachingScaleBenchmark
{
    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (few, many) = input.Quick ? (100, 1000) : (1000, 100_000);
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            var small = Cache(input, folder.FullName, few, cancellationToken);
            var large = Cache(input, folder.FullName, many, cancellationToken);
            var again = Cache(input, folder.FullName, many, cancellationToken);
            return
            [
                new BenchmarkRow("caching-scale", $"peak memory of the process at {few} texts", Measures.Bytes(small.Peak), 1),
                new BenchmarkRow("caching-scale", $"peak memory of the process at {many} texts", Measures.Bytes(large.Peak), (double)large.Peak / small.Peak, "<= 1.1"),
                new BenchmarkRow("caching-scale", "tokens a second of processor time: last tenth, the first being 1", "", LastToFirst(large.Steps), ">= 0.95"),
                new BenchmarkRow("caching-scale", $"second run over {many} texts, nothing changed, the whole command", string.Create(CultureInfo.InvariantCulture, $"{again.Seconds:F2} s"), null, "< 3 s"),
                Read(Path.Combine(folder.FullName, $"{many}"), input.Quick ? 1 : 3),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What was seen of a run.</summary>
    /// <param name="Peak">Largest working set, in bytes.</param>
    /// <param name="Seconds">Wall time.</param>
    /// <param name="Steps">Whenever a shard had appeared: tokens in all shards, and processor time.</param>
    sealed record Watched(long Peak, double Seconds, List<(long Tokens, double Cpu)> Steps);

    static Watched Cache(BenchmarkInput input, string folder, int count, CancellationToken cancellationToken)
    {
        input.Output.Say($"caching-scale: {count} texts");
        var (data, cache) = (Path.Combine(folder, $"{count}.jsonl"), Path.Combine(folder, $"{count}"));
        if (!File.Exists(data))
            File.WriteAllLines(data, Texts(input.Mails, count).Select(e => JsonSerializer.Serialize(new { e.Id, e.Text }, Json.Compact)));
        var watch = Stopwatch.StartNew();
        var seen = new List<(int Shards, double Cpu)>();
        var peak = OwnProcess.Watch(["cache", "--model", input.Backbone.Path, "--data", data, "--out", cache, "--threads", $"{input.Execution.EffectiveThreads}", "--quiet"], run =>
        {
            var shards = Directory.Exists(cache) ? Directory.GetFiles(cache, "shard-*").Length : 0;
            if (shards > 0 && (seen.Count == 0 || shards > seen[^1].Shards))
                seen.Add((shards, run.TotalProcessorTime.TotalSeconds));
        }, cancellationToken);
        var tokens = FeatureManifest.TryLoad(cache)!.Shards.Select(s => s.Tokens).ToArray();
        return new Watched(peak, watch.Elapsed.TotalSeconds, [.. seen.Select(s => (tokens.Take(s.Shards).Sum(), s.Cpu))]);
    }

    /// <summary>Short texts, each different: a few words of a mail and a number.</summary>
    static IEnumerable<Example> Texts(MailCorpus mails, int count)
    {
        var words = mails.Dev.Take(50).SelectMany(m => m.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length < 12).ToArray();
        for (var i = 0; i < count; i++)
        {
            var start = (int)(i * 7919L % (words.Length - 8));
            yield return new Example { Id = $"{i}", Text = $"{string.Join(' ', words[start..(start + 1 + i % 6)])} {i}" };
        }
    }

    /// <summary>Null when there are too few shards to say.</summary>
    static double? LastToFirst(List<(long Tokens, double Cpu)> steps) => steps.Count < 40 ? null : Speed(steps, 0.9, 1) / Speed(steps, 0, 0.1);

    static double Speed(List<(long Tokens, double Cpu)> steps, double from, double to)
    {
        var total = steps[^1].Tokens;
        var part = steps.Where(s => s.Tokens >= from * total && s.Tokens <= to * total).ToArray();
        return (part[^1].Tokens - part[0].Tokens) / Math.Max(1e-9, part[^1].Cpu - part[0].Cpu);
    }

    /// <summary>All features once, one text after the other, on one thread, into one buffer of float32.</summary>
    static BenchmarkRow Read(string folder, int rounds)
    {
        using var cache = FeatureCache.Open(folder);
        var keys = cache.Keys.ToArray();
        var buffer = new float[keys.Max(cache.Length) * cache.Width];
        var bytes = keys.Sum(k => (long)cache.Length(k)) * cache.Width * 2;
        var seconds = Enumerable.Range(0, rounds + 1).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            foreach (var key in keys)
                cache.Read(key, buffer);
            return watch.Elapsed.TotalSeconds;
        }).Skip(1).ToArray();
        return new BenchmarkRow("caching-scale", "reading fp16 to float32, one core, page cache", string.Create(CultureInfo.InvariantCulture, $"{bytes / Benchmarks.Median(seconds) / 1e9:F2} GB/s stored"), null, ">= 1 GB/s");
    }
}
