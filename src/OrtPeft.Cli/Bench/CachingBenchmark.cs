using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// The whole caching job (tokenize, run, convert, write, flush to disk) against a bare ONNX Runtime loop over the same texts, already
/// tokenized and sorted by length: two intra-op threads, batches of 16, nothing kept.
/// </summary>
static class CachingBenchmark
{
    const int BatchSize = 16;
    const int MaxLength = 128;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (count, rounds) = input.Quick ? (32, 1) : (320, 5);
        var texts = MailCorpus.Subset(input.Mails.Train, count);
        var tokenizer = input.Backbone.RequireTokenizer();
        var tokens = texts.Select(t => TokenIds.Of(tokenizer, t, MaxLength)).OrderBy(t => t.Length).ToArray();
        var (jobs, loops) = (new List<double>(), new List<double>());
        using var session = OrtSession.FromFile(input.Backbone.ModelPath, input.Execution.EffectiveThreads);
        Loop(session, input.Backbone, tokens[..BatchSize]);
        for (var round = 0; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            input.Output.Say($"caching: round {round + 1} of {rounds}");
            loops.Add(Time(() => Loop(session, input.Backbone, tokens)));
            jobs.Add(Job(input, texts, cancellationToken));
        }
        var (loop, job) = (Benchmarks.Median(loops), Benchmarks.Median(jobs));
        yield return new BenchmarkRow("caching", "bare ONNX Runtime loop, two threads, batch 16, sorted", Rate(count, loop), 1);
        yield return new BenchmarkRow("caching", "caching job, tokenizing and writing included", Rate(count, job), Benchmarks.Median(loops.Zip(jobs, (l, j) => l / j)), ">= 0.97");
    }

    static double Job(BenchmarkInput input, TextData texts, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            // Loading the session is the same work on both sides and left out on both.
            var result = FeatureJob.RunAsync(input.Backbone, texts, Path.Combine(folder.FullName, "features"), new FeatureOptions { MaxLength = MaxLength },
                input.Execution, null, cancellationToken).GetAwaiter().GetResult();
            return result.Seconds - result.LoadSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void Loop(InferenceSession session, Backbone backbone, TokenIds[] tokens)
    {
        using var runOptions = new RunOptions();
        foreach (var batch in tokens.Chunk(BatchSize))
        {
            var length = batch.Max(t => t.Length);
            var inputs = backbone.TextInputs.ToDictionary(name => name, name => Input(backbone.RoleOf(name), batch, length));
            using var outputs = session.Run(runOptions, inputs, [backbone.LastHiddenState]);
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    static OrtValue Input(TextInputRole role, TokenIds[] batch, int length)
    {
        var values = new long[batch.Length * length];
        for (var row = 0; row < batch.Length; row++)
        {
            for (var i = 0; i < batch[row].Length && role != TextInputRole.TypeIds; i++)
                values[row * length + i] = role == TextInputRole.Ids ? batch[row].Ids[i] : 1;
        }
        return OrtValue.CreateTensorValueFromMemory(values, [batch.Length, length]);
    }

    static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    static string Rate(int texts, double seconds) => string.Create(CultureInfo.InvariantCulture, $"{texts / seconds:F1} texts/s");
}
