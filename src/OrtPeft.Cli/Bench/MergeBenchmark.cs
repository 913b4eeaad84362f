using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>One batch of 64 texts of 100 different tasks against the same batch of a single task, whose adapter is fused into the weights where it can be.</summary>
static class MergeBenchmark
{
    const int Length = 64, Tasks = 100;

    static readonly (string Name, EncoderMethodOptions Method, string Goal)[] Cases =
    [
        ("bitfit", new BitFitOptions(), "<= 1.05"),
        ("layer-norm", new LayerNormOptions(), "<= 1.05"),
        ("pasta", new PastaOptions(), "<= 1.05"),
        ("ia3", new Ia3Options(), "<= 1.05"),
        ("ssf", new SsfOptions(), "<= 1.05"),
        ("lora, rank 8 on q and v", new LoraOptions(), "<= 1.15"),
    ];

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var backbone = input.Backbone;
        var rows = input.Quick ? 8 : 64;
        var tokens = Enumerable.Range(0, rows).Select(row => new EncodedExample([.. Enumerable.Range(0, Length).Select(i => 1000 + (row * Length + i) * 37 % 20000)])).ToArray();
        var rounds = input.Quick ? 1 : 9;
        foreach (var (name, method, goal) in Cases)
        {
            var task = new ClassificationTask(["ham", "spam"]);
            TaskMember[] members = [.. Enumerable.Range(0, Tasks).Select(seed => new TaskMember(method, method.Apply(backbone, task, seed), task))];
            using var merged = OrtSession.FromModel(new MergedGraph(backbone, members).With(members), input.Execution.EffectiveThreads, input.Execution);
            using var single = OrtSession.FromModel(OnnxExport.Join(backbone, members[0].Tunable), input.Execution.EffectiveThreads, input.Execution);
            var (times, ratios) = (new List<double>(), new List<double>());
            for (var round = 0; round <= rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                input.Output.Say($"merge: {name}, round {round} of {rounds}{(round == 0 ? " (warm-up)" : "")}");
                var (all, one) = (Time(merged, backbone, tokens), Time(single, backbone, tokens));
                if (round == 0)
                    continue;
                times.Add(all);
                ratios.Add(all / one);
            }
            yield return new BenchmarkRow("merge", $"{rows} rows of {Tasks} tasks: {name}", string.Create(CultureInfo.InvariantCulture, $"{1000 * Benchmarks.Median(times):F0} ms"), Benchmarks.Median(ratios), goal);
        }
    }

    static double Time(InferenceSession session, Backbone backbone, EncodedExample[] tokens)
    {
        var feeds = session.InputNames.ToDictionary(name => name, name =>
        {
            if (name == TaskStacks.TaskIdInput)
                return OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, tokens.Length).Select(row => (long)(row * 37 % Tasks))], [tokens.Length]);
            var values = new long[tokens.Length * Length];
            EncodedExample.Fill(backbone, name, tokens, Length, values);
            return OrtValue.CreateTensorValueFromMemory(values, [tokens.Length, Length]);
        });
        using var runOptions = new RunOptions();
        var watch = Stopwatch.StartNew();
        using var results = session.Run(runOptions, feeds, session.OutputNames);
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var value in feeds.Values)
            value.Dispose();
        return seconds;
    }
}
