namespace OrtPeft;

/// <summary>A run between two epochs: everything that a resumed run needs to go on bit for bit.</summary>
/// <param name="State">Values, moments and step.</param>
/// <param name="Epochs">The epochs done.</param>
/// <param name="Best">The best of them, null before the first.</param>
/// <param name="BestValues">The trained values after the best epoch.</param>
sealed record RunState(TrainingState State, IReadOnlyList<EpochResult> Epochs, EpochResult? Best, IReadOnlyList<TrainedTensor> BestValues)
{
    internal static RunState Fresh(IReadOnlyList<TrainedTensor> tensors) =>
        new(new TrainingState(0, tensors, new Dictionary<string, IReadOnlyList<TrainedTensor>>()), [], null, tensors);

    internal RunState After(EpochResult report, TrainingState state, bool isBest) =>
        new(state, [.. Epochs, report], isBest ? report : Best, isBest ? state.Values : BestValues);
}
