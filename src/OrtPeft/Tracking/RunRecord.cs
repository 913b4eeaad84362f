namespace OrtPeft;

/// <summary>Where a run's epochs are written down: metrics.jsonl in its folder first, then all trackers.</summary>
sealed class RunRecord : IDisposable
{
    readonly RunLog? _log;
    readonly TrackerGroup _trackers;

    RunRecord(RunLog? log, TrackerGroup trackers) => (_log, _trackers) = (log, trackers);

    /// <summary>Begins after the epochs that a checkpoint knows of.</summary>
    internal static RunRecord Open(TrainingJob job, IReadOnlyList<EpochResult> done, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var log = job.Folder is null ? null : new RunLog(Path.Combine(job.Folder, RunLog.FileName), done.Count);
        var run = new TrackedRun(Path.GetFileName(job.Folder) ?? "run", job.Chosen, DateTimeOffset.UtcNow, done);
        return new RunRecord(log, new TrackerGroup(job.Trackers, run, notice => progress?.Report(new TrainingProgress { Notice = notice }), cancellationToken));
    }

    internal void Add(EpochResult epoch, IReadOnlyList<TrainedTensor> values)
    {
        _log?.Add(epoch);
        _trackers.Add(epoch, values);
    }

    /// <summary>All epochs are done.</summary>
    internal void Finished() => _trackers.Finished();

    public void Dispose() => _trackers.Dispose();
}
