using System.Diagnostics;
using System.Globalization;

namespace OrtPeft;

/// <summary>Whether anything grows in a long training: many small steps on cached tokens, with dropout, and the process's memory early and at the end.</summary>
static class EndlessTrainingBenchmark
{
    const int Texts = 200, BatchSize = 2, StepsPerEpoch = Texts / BatchSize, Early = 1000;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var steps = input.Quick ? 5_000 : 100_000;
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            input.Output.Say($"endless-training: {Measures.Count(steps, "step")}");
            var memory = new MemoryAt(Early, steps);
            var watch = Stopwatch.StartNew();
            Tuner.For(input.Backbone).With(new MlpOptions { Hidden = 32, Pooling = PoolingKind.Attention }).With(new FeatureOptions { MaxLength = 32 }).With(input.Execution)
                .With(new TrainingOptions { Epochs = steps / StepsPerEpoch, BatchSize = BatchSize, Patience = 0 }).CacheIn(folder.FullName)
                .FitAsync(MailCorpus.Subset(input.Mails.Train, Texts), MailCorpus.Subset(input.Mails.Dev, 16), memory, cancellationToken).GetAwaiter().GetResult();
            return
            [
                new BenchmarkRow("endless-training", $"resident memory at step {Measures.Count(Early)}", Measures.Bytes(memory.First), 1),
                new BenchmarkRow("endless-training", $"resident memory at step {Measures.Count(steps)}", Measures.Bytes(memory.Last), (double)memory.Last / memory.First, "<= 1.1"),
                new BenchmarkRow("endless-training", "time of a step", string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalMilliseconds / steps:F2} ms")),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Asks the system for the process's memory after two steps.</summary>
    sealed class MemoryAt(long first, long last) : IProgress<TuningProgress>
    {
        internal long First { get; private set; }

        internal long Last { get; private set; }

        public void Report(TuningProgress value)
        {
            if (value.Training is not { Finished: null } training)
                return;
            if (training.Step == first)
                First = Resident();
            else if (training.Step == last)
                Last = Resident();
        }

        static long Resident()
        {
            using var me = Process.GetCurrentProcess();
            return me.WorkingSet64;
        }
    }
}
