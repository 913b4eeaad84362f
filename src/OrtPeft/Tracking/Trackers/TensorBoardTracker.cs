namespace OrtPeft;

/// <summary>Writes a TensorBoard folder: losses, metrics and learning rate as scalars, trained tensors as histograms.</summary>
sealed class TensorBoardTracker(string folder) : IRunTracker
{
    TensorBoardWriter? _writer;

    public void Begin(TrackedRun run) => _writer = new TensorBoardWriter(folder, run.Started, run.Earlier);

    public void Add(EpochResult epoch, IReadOnlyList<TrainedTensor> values) => _writer!.Add(epoch, values);

    public void End(TrackedEnd end)
    {
    }

    public void Dispose() => _writer?.Dispose();
}
