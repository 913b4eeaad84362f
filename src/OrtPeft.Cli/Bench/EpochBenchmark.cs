using System.Globalization;

namespace OrtPeft;

/// <summary>One Y-Tuning epoch over cached features against the same epoch with the frozen backbone running live.</summary>
static class EpochBenchmark
{
    const int MaxLength = 128;

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var (texts, epochs) = input.Quick ? (64, 2) : (480, 5);
        var train = MailCorpus.Subset(input.Mails.Train, texts);
        var dev = MailCorpus.Subset(input.Mails.Dev, 16);
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            input.Output.Say($"epoch: {texts} texts, {epochs} epochs");
            var cache = Path.Combine(folder.FullName, "features");
            var features = new FeatureOptions { MaxLength = MaxLength };
            var frozen = FeatureJob.RunAsync(input.Backbone, [.. train], cache, features, input.Execution, null, cancellationToken).GetAwaiter().GetResult();
            var tuned = Tuner.For(input.Backbone).With(new YTuningOptions { TaskName = "mail category" }).With(features).With(input.Execution).CacheIn(cache)
                .With(new TrainingOptions { Epochs = epochs, Patience = 0 }).FitAsync(train, dev, null, cancellationToken).GetAwaiter().GetResult();
            var live = frozen.Seconds - frozen.LoadSeconds;
            var cached = Benchmarks.Median(tuned.Epochs.Skip(1).Select(e => e.Seconds));
            return
            [
                new BenchmarkRow("epoch", "frozen forward passes of one epoch", Seconds(live)),
                new BenchmarkRow("epoch", "live epoch: frozen forward and head", Seconds(live + cached), 1),
                new BenchmarkRow("epoch", "cached epoch, evaluation included", Seconds(cached), cached / (live + cached), "<= 0.1"),
                new BenchmarkRow("epoch", $"forward passes saved in {epochs} epochs", Measures.Count(tuned.ForwardPassesSaved)),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:F2} s");
}
