using System.Globalization;

namespace OrtPeft;

/// <summary>One epoch of a head over cached features against the same epoch with the frozen backbone running live.</summary>
static class EpochBenchmark
{
    const int MaxLength = 128, LargeBatch = 64;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (texts, epochs) = input.Quick ? (64, 2) : (960, 7);
        var train = MailCorpus.Subset(input.Mails.Train, texts);
        var dev = MailCorpus.Subset(input.Mails.Dev, 16);
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            input.Output.Say($"epoch: {texts} texts, {epochs} epochs");
            var cache = Path.Combine(folder.FullName, "features");
            var features = new FeatureOptions { MaxLength = MaxLength };
            var frozen = FeatureJob.RunAsync(input.Backbone, [.. train], cache, features, input.Execution, null, cancellationToken).GetAwaiter().GetResult();
            var tuner = Tuner.For(input.Backbone).With(features).With(input.Execution).CacheIn(cache);
            var live = frozen.Seconds - frozen.LoadSeconds;
            var method = new YTuningOptions { TaskName = "mail category" };
            var y = Fit(method, epochs);
            var large = Fit(method, epochs, LargeBatch);
            var probe = Fit(new LinearProbeOptions(), 4 * epochs);
            return
            [
                new BenchmarkRow("epoch", "frozen forward passes of one epoch", Seconds(live)),
                .. Rows(y, YTuningOptions.Name, "<= 0.02"),
                .. Rows(large, $"{YTuningOptions.Name}, {LargeBatch} a step", "<= 0.02"),
                .. Rows(probe, LinearProbeOptions.Name, "<= 0.001"),
                new BenchmarkRow("epoch", $"forward passes saved in {epochs} epochs", Measures.Count(y.ForwardPassesSaved)),
            ];

            TunedModel Fit(MethodOptions method, int count, int? batchSize = null) =>
                tuner.With(method).With(new TrainingOptions { Epochs = count, BatchSize = batchSize, Patience = 0 }).FitAsync(train, dev, null, cancellationToken).GetAwaiter().GetResult();

            BenchmarkRow[] Rows(TunedModel tuned, string what, string goal)
            {
                var cached = Benchmarks.Median(tuned.Epochs.Skip(1).Select(e => e.Seconds));
                return
                [
                    new BenchmarkRow("epoch", $"{what}: live epoch, frozen forward and head", Seconds(live + cached), 1),
                    new BenchmarkRow("epoch", $"{what}: cached epoch, evaluation included", Seconds(cached), cached / (live + cached), goal),
                ];
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:F4} s");
}
