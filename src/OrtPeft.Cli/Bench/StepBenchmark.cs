using System.Diagnostics;
using System.Globalization;

namespace OrtPeft;

/// <summary>Where the time of one step of cached Y-Tuning goes, on one thread: in ONNX Runtime, in the optimizer, and in everything around them.</summary>
static class StepBenchmark
{
    const int BatchSize = 32, MaxLength = 128;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (texts, rounds) = input.Quick ? (BatchSize, 5) : (8 * BatchSize, 40);
        var train = MailCorpus.Subset(input.Mails.Train, texts);
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            input.Output.Say($"step: {Measures.Count(texts, "text")}");
            FeatureJob.RunAsync(input.Backbone, [.. train], folder.FullName, new FeatureOptions { MaxLength = MaxLength }, input.Execution, null, cancellationToken).GetAwaiter().GetResult();
            using var cache = FeatureCache.Open(folder.FullName);
            return Measure(input.Backbone, cache, train, rounds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static BenchmarkRow[] Measure(Backbone backbone, FeatureCache cache, TextData train, int rounds)
    {
        var task = LearningTasks.From(train, new TaskOptions());
        var set = new FeatureSet(cache, train, task.TargetsOf(train, new WordPlaces(backbone, MaxLength)), FeatureView.Tokens);
        var method = new YTuningOptions();
        var options = new TrainingOptions { BatchSize = BatchSize }.Resolve(method.Defaults(train.Count));
        var tunable = method.Apply(backbone, task, options.Seed);
        var graph = TrainingGraph.Build(tunable, set.Width, task.Outputs);
        using var engine = new GraphEngine(tunable, set.Width, task.Outputs, options, new ExecutionOptions { Threads = 1 });
        using var session = OrtSession.FromBytes(graph.Model.ToBytes(), intraOpThreads: 1);
        var rule = Optimizers.Get(options.Optimizer);
        using var buffers = new TrainingBuffers(tunable.Tensors, rule.Moments);
        using var worker = new GradientWorker(session, buffers);
        var gradients = new GradientSum(worker.Gradients, buffers, options.ClipValue, threads: 1);
        using var optimizer = rule.Kernel!(buffers, gradients, options);

        var (steps, runs, optimizing) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var examples = Enumerable.Range(round * BatchSize, BatchSize).Select(i => i % set.Count).ToArray();
            steps.Add(Milliseconds(() =>
            {
                using var batch = set.Batch(examples);
                engine.Train(batch, 1e-4);
            }));
            using var again = set.Batch(examples);
            var inputs = again.TrainingInputs(0, BatchSize).Concat(graph.Noise.Select(n => (n.Name, n.Draw(options.Seed, round, 0, BatchSize, again.Length)))).ToArray();
            runs.Add(Milliseconds(() => worker.Run(inputs)));
            optimizing.Add(Milliseconds(() =>
            {
                gradients.Add([(worker.Gradients, 1)], isLast: true);
                optimizer.Apply(1e-4f, round + 1);
            }));
        }
        // The first round warms up.
        var (step, run, update) = (Benchmarks.Median(steps.Skip(1)), Benchmarks.Median(runs.Skip(1)), Benchmarks.Median(optimizing.Skip(1)));
        return
        [
            Row($"step of {BatchSize} mails, one thread", step),
            Row("in it: ONNX Runtime, forward and backward", run),
            Row("in it: norm of the gradient and AdamW", update),
            Row("in it: assembling the batch, binding, bookkeeping", step - run - update, "<= 0.1"),
        ];

        BenchmarkRow Row(string what, double value, string? goal = null) =>
            new("step", what, string.Create(CultureInfo.InvariantCulture, $"{value:F2} ms"), value / step, goal);
    }

    static double Milliseconds(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }
}
