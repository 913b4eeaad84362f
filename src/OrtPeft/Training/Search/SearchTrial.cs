namespace OrtPeft;

/// <summary>One training of a search: a line of trials.jsonl.</summary>
public sealed record SearchTrial
{
    /// <summary>Round, from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Number of the setting, from 1; the same in all rounds.</summary>
    public required int Trial { get; init; }

    /// <summary>Peak learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Examples a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Passes over the training data.</summary>
    public required int Epochs { get; init; }

    /// <summary>Seed of the training.</summary>
    public required long Seed { get; init; }

    /// <summary>The metric that chooses, on the dev part; the worst there is when training failed.</summary>
    public required double Metric { get; init; }

    /// <summary>Wall-clock seconds of the training.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why training failed, else null.</summary>
    public string? Failure { get; init; }
}
