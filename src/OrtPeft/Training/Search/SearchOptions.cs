namespace OrtPeft;

/// <summary>How a search for batch size and learning rate goes.</summary>
public sealed record SearchOptions
{
    /// <summary>Settings that are tried at first.</summary>
    public int Trials { get; init; } = 40;

    /// <summary>Smallest learning rate.</summary>
    public double LearningRateFrom { get; init; } = 1e-4;

    /// <summary>Largest learning rate.</summary>
    public double LearningRateTo { get; init; } = 1e-2;

    /// <summary>Batch sizes to choose from.</summary>
    public IReadOnlyList<int> BatchSizes { get; init; } = [16, 32, 64];

    /// <summary>Of this many settings one goes on to the next round, which has this many times as many epochs.</summary>
    public int Reduction { get; init; } = 3;

    /// <summary>Seed of the settings; each setting's training has a seed of its own.</summary>
    public long Seed { get; init; }

    internal void Validate()
    {
        Require("--trials", Trials is >= 1 and <= 100_000, Trials, "1 to 100,000");
        Require("--learning-rate-from", LearningRateFrom is > 0 and <= 100, LearningRateFrom, "above 0, at most 100");
        Require("--learning-rate-to", LearningRateTo >= LearningRateFrom && LearningRateTo <= 100, LearningRateTo, "at least --learning-rate-from, at most 100");
        Require("--batch-sizes", BatchSizes.Count > 0 && BatchSizes.All(b => b is >= 1 and <= 65_536), string.Join(',', BatchSizes), "one or several of 1 to 65536");
        Require("--reduction", Reduction is >= 2 and <= 100, Reduction, "2 to 100");

        static void Require(string option, bool holds, object value, string expected)
        {
            if (!holds)
                throw new OrtPeftException(FormattableString.Invariant($"{option} is {value}; expected {expected}."));
        }
    }
}
