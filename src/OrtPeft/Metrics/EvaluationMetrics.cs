namespace OrtPeft;

/// <summary>Everything that is said about one evaluation; which class it is depends on the task.</summary>
public abstract class EvaluationMetrics
{
    /// <summary>The metrics by name, in the order in which they are shown.</summary>
    public abstract IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>Number of examples.</summary>
    public abstract long Examples { get; }

    /// <summary>What must be said to the user, such as that all answers are one label. Null when there is nothing to say.</summary>
    public virtual string? Warning => null;

    /// <summary>A metric by name.</summary>
    /// <exception cref="OrtPeftException">The task has none of that name.</exception>
    public double this[string name] => Values.TryGetValue(name, out var value)
        ? value
        : throw new OrtPeftException($"There is no metric '{name}' for this task; expected {string.Join(" or ", Values.Keys)}.");
}
