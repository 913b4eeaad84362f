namespace OrtPeft;

/// <summary>Where a run's epochs are written down: metrics.jsonl and a TensorBoard event file.</summary>
sealed class EpochLog : IDisposable
{
    internal const string FileName = "metrics.jsonl";

    readonly RunLog _lines;
    readonly TensorBoardWriter _events;

    EpochLog(RunLog lines, TensorBoardWriter events)
    {
        _lines = lines;
        _events = events;
    }

    /// <summary>Begins after the epochs that a checkpoint knows of; null when the run keeps no files.</summary>
    internal static EpochLog? Open(string? folder, IReadOnlyList<EpochResult> done) => folder is null
        ? null
        : new EpochLog(new RunLog(Path.Combine(folder, FileName), done.Count), new TensorBoardWriter(Path.Combine(folder, "tensorboard"), DateTimeOffset.UtcNow, done));

    internal void Add(EpochResult epoch)
    {
        _lines.Add(epoch);
        _events.Add(epoch);
    }

    public void Dispose() => _events.Dispose();
}
