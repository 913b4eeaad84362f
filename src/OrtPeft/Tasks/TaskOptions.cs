namespace OrtPeft;

/// <summary>What is learned, and what its examples count.</summary>
public sealed record TaskOptions
{
    /// <summary>Task: auto (found from the labels), classification, multi-label, regression, ordinal, tagging or similarity.</summary>
    public string Task { get; init; } = "auto";

    /// <summary>Weight of the labels: none, or balanced (each label counts as much as every other).</summary>
    public string ClassWeights { get; init; } = "none";

    /// <summary>Order of the levels of an ordinal task, lowest first; null orders by number, or else by name.</summary>
    public IReadOnlyList<string>? Levels { get; init; }

    /// <summary>The loss and its settings.</summary>
    public LossOptions Loss { get; init; } = new();
}
