namespace OrtPeft;

/// <summary>What one epoch of training gave: a line of metrics.jsonl, a step in TensorBoard, a point of the learning curve.</summary>
public sealed record EpochResult
{
    /// <summary>The epoch, counted from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Mean training loss.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean loss on the dev part, where there is one.</summary>
    public double? DevLoss { get; init; }

    /// <summary>Metrics on the dev part, by the names of <see cref="OrtPeft.Metrics.All"/>.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Learning rate of the last step.</summary>
    public double? LearningRate { get; init; }

    /// <summary>What must be said of the answers on the dev part, such as that they are one label only; null when there is nothing to say.</summary>
    public string? Warning { get; init; }

    /// <summary>Wall-clock seconds that the epoch took, evaluation included.</summary>
    public required double Seconds { get; init; }

    /// <summary>When the epoch ended.</summary>
    public required DateTimeOffset Time { get; init; }
}
