using System.Diagnostics;
using System.Globalization;

namespace OrtPeft;

/// <summary>What happens to the caching job when data become large: memory, speed at the end, a second run over them, and reading them.</summary>
static class CachingScaleBenchmark
{
    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (few, many) = input.Quick ? (100, 1000) : (1000, 100_000);
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            input.Output.Say($"caching-scale: {few} texts");
            _ = Cache(input, folder.FullName, "few", few, cancellationToken);
            var memory = PeakMemory();
            input.Output.Say($"caching-scale: {many} texts");
            var steps = Cache(input, folder.FullName, "many", many, cancellationToken);
            var rows = new List<BenchmarkRow>
            {
                new("caching-scale", $"peak memory at {few} texts", Measures.Bytes(memory), 1),
                new("caching-scale", $"peak memory at {many} texts", Measures.Bytes(PeakMemory()), (double)PeakMemory() / memory, "<= 1.1"),
                new("caching-scale", "tokens a second of the last tenth, the first being 1", "", Speed(steps, 0.9, 1) / Speed(steps, 0, 0.1), ">= 0.95"),
            };
            input.Output.Say("caching-scale: second run");
            var watch = Stopwatch.StartNew();
            Cache(input, folder.FullName, "many", many, cancellationToken);
            rows.Add(new BenchmarkRow("caching-scale", $"second run over {many} texts, nothing changed", string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:F2} s"), null, "< 3 s"));
            rows.Add(Read(Path.Combine(folder.FullName, "many"), input.Quick ? 1 : 3));
            return rows;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Progress by token: how many after how many seconds.</summary>
    static List<(long Tokens, double Seconds)> Cache(BenchmarkInput input, string folder, string name, int count, CancellationToken cancellationToken)
    {
        var steps = new Steps();
        var job = new FeatureJob { Backbone = input.Backbone, Source = Texts(input.Mails, count).ToAsyncEnumerable(), Folder = Path.Combine(folder, name), Execution = input.Execution, Count = count };
        job.RunAsync(steps, cancellationToken).GetAwaiter().GetResult();
        return steps.All;
    }

    /// <summary>Short texts, each different: a few words of a mail and a number. They are made while they are read.</summary>
    static IEnumerable<Example> Texts(MailCorpus mails, int count)
    {
        var words = mails.Dev.Take(50).SelectMany(m => m.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length < 12).ToArray();
        for (var i = 0; i < count; i++)
        {
            var start = (int)(i * 7919L % (words.Length - 8));
            yield return new Example { Id = $"{i}", Text = $"{string.Join(' ', words[start..(start + 1 + i % 6)])} {i}" };
        }
    }

    static double Speed(List<(long Tokens, double Seconds)> steps, double from, double to)
    {
        var total = steps[^1].Tokens;
        var part = steps.Where(s => s.Tokens >= from * total && s.Tokens <= to * total).ToArray();
        return (part[^1].Tokens - part[0].Tokens) / Math.Max(1e-9, part[^1].Seconds - part[0].Seconds);
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

    static long PeakMemory()
    {
        using var me = Process.GetCurrentProcess();
        return me.PeakWorkingSet64;
    }

    sealed class Steps : IProgress<FeatureProgress>
    {
        internal List<(long Tokens, double Seconds)> All { get; } = [];

        public void Report(FeatureProgress value)
        {
            if (value.Tokens == 0)
                return;
            lock (All)
                All.Add((value.Tokens, value.Elapsed.TotalSeconds));
        }
    }
}
