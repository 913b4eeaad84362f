namespace OrtPeft;

/// <summary>Tells all trackers of a run. One that fails is left out from then on, and said once: no tracker ever stops training.</summary>
sealed class TrackerGroup : IDisposable
{
    readonly List<IRunTracker> _trackers;
    readonly Action<string> _say;
    readonly CancellationToken _stop;
    bool _finished;

    internal TrackerGroup(IEnumerable<IRunTracker> trackers, TrackedRun run, Action<string> say, CancellationToken stop)
    {
        _stop = stop;
        _trackers = [.. trackers];
        _say = say;
        ForEach(t => t.Begin(run));
    }

    internal void Add(EpochResult epoch, IReadOnlyList<TrainedTensor> values) => ForEach(t => t.Add(epoch, values));

    /// <summary>All epochs are done; without this the end is an interruption or a failure.</summary>
    internal void Finished() => _finished = true;

    public void Dispose()
    {
        var end = _finished ? TrackedEnd.Finished : _stop.IsCancellationRequested ? TrackedEnd.Interrupted : TrackedEnd.Failed;
        ForEach(t => t.End(end));
        ForEach(t => t.Dispose());
    }

    void ForEach(Action<IRunTracker> tell)
    {
        foreach (var tracker in _trackers.ToArray())
        {
            try
            {
                tell(tracker);
            }
#pragma warning disable CA1031 // whatever a tracker throws, the training is worth more
            catch (Exception e)
#pragma warning restore CA1031
            {
                _trackers.Remove(tracker);
                _say($"The run is no longer tracked by {tracker.GetType().Name}: {e.Message} The training goes on.");
            }
        }
    }
}
