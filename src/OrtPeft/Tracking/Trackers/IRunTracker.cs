namespace OrtPeft;

/// <summary>What a tracker is told of a run at its start.</summary>
/// <param name="Name">The run's name: the folder that its adapter goes to.</param>
/// <param name="Options">Everything that was chosen, as text.</param>
/// <param name="Started">When the run, or this part of it, started.</param>
/// <param name="Earlier">Epochs of an earlier, interrupted part.</param>
sealed record TrackedRun(string Name, IReadOnlyDictionary<string, string> Options, DateTimeOffset Started, IReadOnlyList<EpochResult> Earlier);

/// <summary>How a tracked run ended.</summary>
enum TrackedEnd
{
    /// <summary>All epochs done.</summary>
    Finished,

    /// <summary>An error ended it.</summary>
    Failed,

    /// <summary>The user stopped it.</summary>
    Interrupted,
}

/// <summary>A place outside the run's own folder that follows it. May throw anything: <see cref="TrackerGroup"/> then leaves it out.</summary>
interface IRunTracker : IDisposable
{
    /// <summary>Called once, before the first epoch.</summary>
    void Begin(TrackedRun run);

    /// <summary>Called after each epoch with the values that were evaluated.</summary>
    void Add(EpochResult epoch, IReadOnlyList<TrainedTensor> values);

    /// <summary>Called once, last.</summary>
    void End(TrackedEnd end);
}
