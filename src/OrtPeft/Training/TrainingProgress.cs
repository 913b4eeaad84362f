namespace OrtPeft;

/// <summary>How far a training run is.</summary>
public readonly record struct TrainingProgress
{
    /// <summary>Steps done.</summary>
    public long Step { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Epoch under way, from 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs at most.</summary>
    public int Epochs { get; init; }

    /// <summary>Loss of the last step.</summary>
    public double Loss { get; init; }

    /// <summary>The epoch that has just ended, else null.</summary>
    public EpochResult? Finished { get; init; }

    /// <summary>A sentence for the user, else null.</summary>
    public string? Notice { get; init; }
}
