namespace OrtPeft.Tests;

/// <summary>Work that lasts long enough to be disturbed, and what it leaves when nobody does. Made once.</summary>
[SetUpFixture]
sealed class LongWork
{
    internal const int Mails = 2400;
    internal const int Epochs = 24;

    static readonly Lazy<Workplace> Undisturbed = new(() =>
    {
        var place = new Workplace();
        place.Write("many.jsonl", TextData.FromExamples(LongMails()));
        place.Run(Cache).Done();
        place.Run([.. Train, "--out", "adapter"]).Done();
        return place;
    });

    /// <summary>Where it was done undisturbed: `features` of `many.jsonl` and of the training mails, `adapter`.</summary>
    internal static Workplace Place => Undisturbed.Value;

    /// <summary>About 68,000 tokens: five shards.</summary>
    internal static string[] Cache => ["cache", "--model", "tiny-bert", "--data", "many.jsonl", "--max-length", "32"];

    /// <summary>A Y-Tuning head with dropout: moments, noise and a schedule to lose.</summary>
    internal static string[] Train =>
    [
        "train", "--model", "tiny-bert", "--train", "train.jsonl", "--dev", "dev.jsonl", "--cache", "sorted", "--max-length", "32", "--method", "y-tuning", "--epochs", $"{Epochs}",
        "--batch-size", "4",
    ];

    internal static string[] Shards { get; } = [.. Enumerable.Range(0, 5).Select(i => $"shard-{i:D5}.safetensors")];

    /// <summary>Texts of 24 to 28 words, each different.</summary>
    static IEnumerable<Example> LongMails()
    {
        var words = Tiny.Mails(60, seed: 5).SelectMany(m => m.Text.Split(' ')).ToArray();
        var random = new CounterRandom(0, "long mails");
        for (var i = 0; i < Mails; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 24 + random.NextInt32(5)).Select(_ => words[random.NextInt32(words.Length)]));
            yield return new Example { Id = $"long-{i}", Text = text, Label = i % 2 == 0 ? "spam" : "ham" };
        }
    }

    [OneTimeTearDown]
    public void CleanUp()
    {
        if (Undisturbed.IsValueCreated)
            Undisturbed.Value.Dispose();
    }
}
