namespace OrtPeft;

/// <summary>The task of an adapter, as `adapter.json` keeps it.</summary>
public sealed record TaskInfo
{
    /// <summary>Name of the task.</summary>
    public required string Name { get; init; }

    /// <summary>Several labels a text: the probability from which each label is given.</summary>
    public IReadOnlyList<double>? Thresholds { get; init; }

    /// <summary>Numbers: mean of the training data, which a score of 0 stands for.</summary>
    public double? Mean { get; init; }

    /// <summary>Numbers: standard deviation of the training data, which a score of 1 adds.</summary>
    public double? Deviation { get; init; }
}
