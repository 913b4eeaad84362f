namespace OrtPeft.Tests.Tracking.Report;

/// <summary>A small report with two heads, whose numbers can be checked by hand.</summary>
static class SampleReport
{
    internal static RunReport Create() => new()
    {
        Title = "Ham or spam",
        Created = new(2026, 3, 4, 5, 6, 0, TimeSpan.Zero),
        Heads = [Head("Y-Tuning", hamMissed: 1), Head("Linear probe", hamMissed: 2)],
        Backbone = new("all-MiniLM-L6-v2", "6fd5d72f", 22_713_216),
        Data = new() { Source = "mails", Train = 100, Dev = 10, Test = 20, MaxLength = 64 },
        Cache = new() { Seconds = 131, Reused = false, ForwardPasses = 130, ForwardPassesSaved = 1_200, Bytes = 2_500_000, DType = "fp16" },
        Machine = new() { Cores = 2, OperatingSystem = "Linux", OnnxRuntime = "1.29.0", Provider = "CPU" },
        Predictions = [new("You have won", "spam", 0.875, "spam"), new("Minutes of the meeting", "spam", 0.5, "ham"), new("Hello", "ham", 0.75)],
    };

    /// <summary>Twelve of ham, of which some are missed, and eight of spam, all found.</summary>
    internal static HeadReport Head(string name, int hamMissed)
    {
        int[] gold = [.. Enumerable.Repeat(0, 12), .. Enumerable.Repeat(1, 8)];
        int[] predicted = [.. Enumerable.Repeat(1, hamMissed), .. gold.Skip(hamMissed)];
        return new()
        {
            Name = name,
            TrainableParameters = 770,
            TrainSeconds = 75,
            AdapterBytes = 4_096,
            Epochs = [Epoch(1, 1.0, 0.8), Epoch(2, 0.5, 0.9), Epoch(3, 0.25, 0.85)],
            BestEpoch = 2,
            Metrics = ClassificationMetrics.From(new(["ham", "spam"]), gold, predicted),
            Scores = [.. gold.Zip(predicted, (g, p) => new GoldScore(g, g == p ? 0.97 : 0.31, g == p, g == p ? 0.97 : 0.69))],
            Options = [new("learning rate", "0.001"), new("seed", "7")],
        };
    }

    static EpochResult Epoch(int epoch, double loss, double accuracy) => new()
    {
        Epoch = epoch,
        Loss = loss,
        DevLoss = 0.5,
        Metrics = new Dictionary<string, double> { ["accuracy"] = accuracy },
        Seconds = 25,
        Time = DateTimeOffset.UnixEpoch,
    };
}
