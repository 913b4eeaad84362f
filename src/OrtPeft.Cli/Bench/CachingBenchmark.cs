using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// The whole caching job (tokenize, run, convert, write, flush to disk) against a bare ONNX Runtime loop over the same texts, already
/// tokenized and sorted by length: two intra-op threads, batches of 16 (on a device 128, as the job), nothing kept. On a processor the same with the int8
/// form of the model; and, on texts of mixed length, against a loop that pads every batch to 128.
/// </summary>
static class CachingBenchmark
{
    const int MaxLength = 128;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var onProcessor = input.Execution.Chosen.IsCpu;
        var (batch, count, rounds) = (onProcessor ? 16 : 128, input.Quick ? 32 : onProcessor ? 320 : 4096, input.Quick ? 1 : 5);
        var texts = MailCorpus.Subset(input.Mails.Train, count);
        var mixed = TextData.FromExamples(texts.Select((t, i) => t with { Text = string.Join(' ', t.Text.Split(' ').Take(4 + i * 37 % 96)) }));
        var (tokens, mixedTokens) = (Tokens(input, texts), Tokens(input, mixed));
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            // Its integer operators are the processor's.
            var int8 = onProcessor ? BackboneQuantizer.Write(input.Backbone, Path.Combine(folder.FullName, "int8")).Backbone : null;
            var (loops, jobs, int8Jobs, paddedLoops, mixedJobs) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
            using var session = OrtSession.FromFile(input.Backbone.ModelPath, input.Execution.EffectiveThreads, input.Execution);
            Loop(session, input.Backbone, tokens[..Math.Min(batch, count)], batch);
            for (var round = 0; round < rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                input.Output.Say($"caching: round {round + 1} of {rounds}");
                loops.Add(Time(() => Loop(session, input.Backbone, tokens, batch)));
                jobs.Add(Job(input, input.Backbone, texts, cancellationToken));
                if (int8 is not null)
                    int8Jobs.Add(Job(input, int8, texts, cancellationToken));
                paddedLoops.Add(Time(() => Loop(session, input.Backbone, mixedTokens, batch, MaxLength)));
                mixedJobs.Add(Job(input, input.Backbone, mixed, cancellationToken));
            }
            return
            [
                new BenchmarkRow("caching", $"bare ONNX Runtime loop, all threads, batch {batch}, sorted", Rate(count, loops), 1),
                new BenchmarkRow("caching", "caching job, tokenizing and writing included", Rate(count, jobs), Ratio(loops, jobs), ">= 1.05"),
                .. int8 is null ? Array.Empty<BenchmarkRow>() : [new BenchmarkRow("caching", "caching job of the int8 model", Rate(count, int8Jobs), Ratio(loops, int8Jobs), ">= 2.3")],
                new BenchmarkRow("caching", "loop that pads every batch to 128, texts of mixed length", Rate(count, paddedLoops), 1),
                new BenchmarkRow("caching", "caching job of these texts", Rate(count, mixedJobs), Ratio(paddedLoops, mixedJobs), ">= 1.5"),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static EncodedExample[] Tokens(BenchmarkInput input, TextData texts)
    {
        var tokenizer = input.Backbone.RequireTokenizer();
        return [.. texts.Select(t => EncodedExample.Of(tokenizer, t, MaxLength)).OrderBy(t => t.Length)];
    }

    static double Ratio(List<double> loops, List<double> jobs) => Benchmarks.Median(loops.Zip(jobs, (l, j) => l / j));

    static double Job(BenchmarkInput input, Backbone backbone, TextData texts, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            // Loading the session is the same work on both sides and left out on both.
            var result = FeatureJob.RunAsync(backbone, texts, Path.Combine(folder.FullName, "features"), new FeatureOptions { MaxLength = MaxLength },
                input.Execution, null, cancellationToken).GetAwaiter().GetResult();
            return result.Seconds - result.LoadSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void Loop(InferenceSession session, Backbone backbone, EncodedExample[] tokens, int size, int padTo = 0)
    {
        using var runOptions = new RunOptions();
        foreach (var batch in tokens.Chunk(size))
        {
            var length = Math.Max(padTo, batch.Max(t => t.Length));
            var inputs = backbone.InputNames.ToDictionary(name => name, name => Input(backbone.RoleOf(name), batch, length));
            using var outputs = session.Run(runOptions, inputs, [backbone.LastHiddenState]);
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    static OrtValue Input(InputRole role, EncodedExample[] batch, int length)
    {
        var values = new long[batch.Length * length];
        for (var row = 0; row < batch.Length; row++)
        {
            for (var i = 0; i < batch[row].Length && role != InputRole.TypeIds; i++)
                values[row * length + i] = role == InputRole.Ids ? batch[row].Ids[i] : 1;
        }
        return OrtValue.CreateTensorValueFromMemory(values, [batch.Length, length]);
    }

    static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    static string Rate(int texts, List<double> seconds) => string.Create(CultureInfo.InvariantCulture, $"{texts / Benchmarks.Median(seconds):F1} texts/s");
}
