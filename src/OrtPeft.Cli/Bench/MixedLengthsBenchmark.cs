namespace OrtPeft;

/// <summary>
/// An epoch of LoRA on texts of 8 to 128 tokens (log-uniform) as it is shipped, batches sorted by length within a window, against the same epoch with shuffled
/// batches padded to their longest text.
/// </summary>
static class MixedLengthsBenchmark
{
    const int BatchSize = 16, Shortest = 8, Longest = 128;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (texts, rounds) = input.Quick ? (32, 1) : (512, 3);
        var backbone = input.Backbone;
        var random = new CounterRandom(0, "lengths");
        var tokens = Enumerable.Range(0, texts).Select(_ => Text((int)(Shortest * Math.Pow((double)Longest / Shortest, random.NextSingle())))).ToArray();
        int[] lengths = [.. tokens.Select(t => t.Length)], shuffled = [.. Enumerable.Range(0, texts)];
        random.Shuffle(shuffled.AsSpan());
        var tunable = new LoraOptions().Apply(backbone, new ClassificationTask(["ham", "spam"]), seed: 0);
        using var engine = new GraphEngine(tunable, backbone.Hidden, 2, new TrainingOptions { BatchSize = BatchSize }.Resolve(new LoraOptions().Defaults(texts)), input.Execution);
        List<double> plain = [], shipped = [];
        for (var round = 0; round <= rounds; round++)
        {
            input.Output.Say($"mixed-lengths: round {round} of {rounds}{(round == 0 ? " (warm-up)" : "")}");
            var (a, b) = (Epoch(shuffled.Chunk(BatchSize)), Epoch(BatchPlan.Epoch(lengths, BatchSize, seed: 0, round)));
            if (round == 0)
                continue;
            plain.Add(a);
            shipped.Add(b);
        }
        return
        [
            new BenchmarkRow("mixed-lengths", $"epoch of {texts} texts, shuffled batches", Benchmarks.Milliseconds(Benchmarks.Median(plain)), 1),
            new BenchmarkRow("mixed-lengths", "epoch as shipped", Benchmarks.Milliseconds(Benchmarks.Median(shipped)), Benchmarks.Median(shipped.Zip(plain, (s, p) => s / p)), "<= 0.6"),
        ];

        double Epoch(IEnumerable<int[]> plan) => Benchmarks.Seconds(() =>
        {
            foreach (var examples in plan)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var batch = new EncodedBatch(backbone, tunable.Encoder!, examples, Array.ConvertAll(examples, e => tokens[e]));
                engine.Train(batch, 1e-4);
            }
        });

        static EncodedExample Text(int length) => new([.. Enumerable.Range(0, length).Select(i => 1000 + i * 37 % 20000)]);
    }
}
