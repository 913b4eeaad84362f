namespace OrtPeft;

/// <summary>
/// The cached features of a head's training where a device has a memory of its own: kept there as a whole where they fit
/// (<see cref="GpuOptions.FeatureMemory"/>), else uploaded batch by batch ahead of the step.
/// </summary>
sealed class DeviceFeatures : IDisposable
{
    readonly IDisposable[] _owned;

    DeviceFeatures(TrainingJob job, string? notice = null, params IDisposable[] owned)
    {
        (Job, Notice) = (job, notice);
        _owned = owned;
    }

    /// <summary>The job with its sets on the device; the same where there is nothing to put there.</summary>
    internal TrainingJob Job { get; }

    /// <summary>What the user should know of it, a sentence.</summary>
    internal string? Notice { get; }

    internal static DeviceFeatures Of(TrainingJob job) => job.Execution.Chosen is { Memory: { } memory } provider
        ? Of(job, memory, provider.PinnedMemory, job.Execution.EffectiveOptions.FeatureBytes) : new DeviceFeatures(job);

    /// <param name="job">The training.</param>
    /// <param name="memory">ONNX Runtime's name of the device's memory.</param>
    /// <param name="pinned">Its name of memory of the processor that the device reads itself; null where there is none.</param>
    /// <param name="limit">Bytes that may be kept on the device.</param>
    internal static DeviceFeatures Of(TrainingJob job, string memory, string? pinned, long limit)
    {
        if (job is not { Train: FeatureSet train, Dev: FeatureSet dev })
            return new DeviceFeatures(job);
        var bytes = FeatureTable.BytesOf(train) + FeatureTable.BytesOf(dev);
        if (bytes <= limit)
        {
            var (here, there) = (new ResidentSet(train, job.Execution, memory), new ResidentSet(dev, job.Execution, memory));
            return new DeviceFeatures(job with { Train = here, Dev = there }, FormattableString.Invariant($"{bytes / 1e6:F1} MB of features are kept on the device."), here, there);
        }
        var uploads = new DeviceMemory(job.Execution, memory, pinned);
        return new DeviceFeatures(job with { Train = new UploadedSet(train, uploads) },
            FormattableString.Invariant($"{bytes / 1e6:F1} MB of features are uploaded batch by batch: {limit / 1e6:F0} MB may be kept on the device (--provider-option featureMemory)."), uploads);
    }

    public void Dispose() => Array.ForEach(_owned, o => o.Dispose());
}
