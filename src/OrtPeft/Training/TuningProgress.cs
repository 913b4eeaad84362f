namespace OrtPeft;

/// <summary>How far a tuning run is: first the caching job's progress, then the training's.</summary>
public readonly record struct TuningProgress
{
    /// <summary>Progress of the caching job, else null.</summary>
    public FeatureProgress? Features { get; init; }

    /// <summary>Progress of the training, else null.</summary>
    public TrainingProgress? Training { get; init; }

    /// <summary>A sentence for the user, else null.</summary>
    public string? Notice { get; init; }
}
