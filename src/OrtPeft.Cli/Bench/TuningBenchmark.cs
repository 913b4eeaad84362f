using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// A training step inside the backbone (forward, loss, backward, optimizer) against the exported model's own optimised forward (two intra-op threads)
/// on the same batch of 16 x 128 tokens; and the forward with fused Ahead-of-Time tables against the bare one.
/// </summary>
static class TuningBenchmark
{
    const int Rows = 16, Length = 128;

    static readonly (string Name, EncoderMethodOptions Method, string Goal)[] Cases =
    [
        ("bitfit", new BitFitOptions(), "<= 2.3"),
        ("layer-norm", new LayerNormOptions(), "<= 2.3"),
        ("pasta", new PastaOptions(), "<= 2.3"),
        ("ia3", new Ia3Options(), "<= 2.3"),
        ("ssf", new SsfOptions(), "<= 2.3"),
        ("lora, rank 8 on q and v", new LoraOptions(), "<= 2.5"),
        ("lora in the last 2 layers, from the cache", new LoraOptions { Layers = 2 }, "<= 0.8"),
    ];

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var backbone = input.Backbone;
        var tokens = Enumerable.Range(0, Rows).Select(row => new EncodedExample([.. Enumerable.Range(0, Length).Select(i => 1000 + (row * Length + i) * 37 % 20000)])).ToArray();
        var task = new ClassificationTask(["ham", "spam"]);
        using var forward = OrtSession.FromFile(backbone.ModelPath, input.Execution.EffectiveThreads, input.Execution);
        var engines = Cases.Select(c => Engine(c.Method, backbone, task, input.Execution)).ToArray();
        try
        {
            var batches = engines.Select(e => Batch(backbone, e.Encoder, tokens)).ToArray();
            var ratios = Cases.Select(_ => new List<double>()).ToArray();
            var forwards = new List<double>();
            var rounds = input.Quick ? 1 : 5;
            for (var round = 0; round <= rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                input.Output.Say($"tuning: round {round} of {rounds}{(round == 0 ? " (warm-up)" : "")}");
                var reference = Benchmarks.Seconds(() => Forward(forward, backbone, tokens));
                if (round > 0)
                    forwards.Add(reference);
                for (var i = 0; i < Cases.Length; i++)
                {
                    var step = Benchmarks.Seconds(() => engines[i].Engine.Train(batches[i], 1e-4));
                    if (round > 0)
                        ratios[i].Add(step / reference);
                }
            }
            Array.ForEach(batches, b => b.Dispose());
            return
            [
                new BenchmarkRow("tuning", $"optimised forward of {Rows} x {Length} tokens", Benchmarks.Milliseconds(Benchmarks.Median(forwards)), 1),
                .. Cases.Select((c, i) => new BenchmarkRow("tuning", $"step of {c.Name}", Benchmarks.Milliseconds(Benchmarks.Median(forwards) * Benchmarks.Median(ratios[i])), Benchmarks.Median(ratios[i]), c.Goal)),
                AheadOfTime(backbone, task, tokens, rounds, input.Execution),
            ];
        }
        finally
        {
            foreach (var (engine, _) in engines)
                engine.Dispose();
        }
    }

    static (GraphEngine Engine, TunedEncoder Encoder) Engine(EncoderMethodOptions method, Backbone backbone, ClassificationTask task, ExecutionOptions execution)
    {
        var tunable = method.Apply(backbone, task, seed: 0);
        var options = new TrainingOptions { BatchSize = Rows }.Resolve(method.Defaults(1000));
        return (new GraphEngine(tunable, backbone.Hidden, task.Outputs, options, execution), tunable.Encoder!);
    }

    static EncodedBatch Batch(Backbone backbone, TunedEncoder encoder, EncodedExample[] tokens)
    {
        var batch = new EncodedBatch(backbone, encoder, [.. Enumerable.Range(0, tokens.Length)], tokens);
        foreach (var tensor in encoder.Frontier?.Tensors ?? [])
        {
            for (var row = 0; row < tokens.Length; row++)
            {
                var values = TrainedTensor.Normal(tensor.Name, 1, row, Length, tensor.Width).Values;
                batch.Set(tensor.Name, row, target =>
                {
                    values.CopyTo(target);
                    return values.Length;
                });
            }
        }
        return batch;
    }

    /// <summary>The forward with a fused table a layer, both single-threaded.</summary>
    static BenchmarkRow AheadOfTime(Backbone backbone, ClassificationTask task, EncodedExample[] tokens, int rounds, ExecutionOptions execution)
    {
        var tunable = new AotKronOptions().Apply(backbone, task, seed: 0);
        using var bare = OrtSession.FromFile(backbone.ModelPath, execution.EffectiveThreads, execution);
        using var fused = OrtSession.FromModel(tunable.Encoder!.Fused(tunable.Tensors).Model, execution.EffectiveThreads, execution);
        var ratios = new List<double>();
        for (var round = 0; round <= 2 * rounds; round++)
        {
            var ratio = Benchmarks.Seconds(() => Forward(fused, backbone, tokens)) / Benchmarks.Seconds(() => Forward(bare, backbone, tokens));
            if (round > 0)
                ratios.Add(ratio);
        }
        return new BenchmarkRow("tuning", "forward with fused Ahead-of-Time tables", "", Benchmarks.Median(ratios), "<= 1.05");
    }

    static void Forward(InferenceSession session, Backbone backbone, EncodedExample[] tokens)
    {
        var feeds = session.InputNames.ToDictionary(name => name, name =>
        {
            var values = new long[tokens.Length * Length];
            EncodedExample.Fill(backbone, name, tokens, Length, values);
            return OrtValue.CreateTensorValueFromMemory(values, [tokens.Length, Length]);
        });
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, feeds, [session.OutputNames[0]]);
        foreach (var value in feeds.Values)
            value.Dispose();
    }
}
