namespace OrtPeft;

/// <summary>An epoch whose values are kept.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Values">What was evaluated after it.</param>
sealed record KeptEpoch(int Epoch, IReadOnlyList<TrainedTensor> Values);

/// <summary>A run between two epochs: everything that a resumed run needs to go on bit for bit.</summary>
/// <param name="State">Values, moments and step.</param>
/// <param name="Epochs">The epochs done.</param>
/// <param name="Kept">The best of them, best first; empty before the first.</param>
sealed record RunState(TrainingState State, IReadOnlyList<EpochResult> Epochs, IReadOnlyList<KeptEpoch> Kept)
{
    /// <summary>What was summed up over the steps of an epoch that is done.</summary>
    internal IReadOnlyList<TrainedTensor> Observed { get; init; } = [];

    internal static RunState Fresh(IReadOnlyList<TrainedTensor> tensors) =>
        new(new TrainingState(0, tensors, new Dictionary<string, IReadOnlyList<TrainedTensor>>()), [], []);

    /// <summary>The best epoch so far, null before the first.</summary>
    internal EpochResult? Best => Kept.Count == 0 ? null : Epochs[Kept[0].Epoch - 1];

    /// <summary>This run one epoch later, with the values of the best epochs by <paramref name="metric"/>; of equal ones the first counts.</summary>
    internal RunState After(EpochResult epoch, TrainingState state, IReadOnlyList<TrainedTensor> values, string metric, int keep)
    {
        IReadOnlyList<EpochResult> epochs = [.. Epochs, epoch];
        var kept = Kept.Append(new KeptEpoch(epoch.Epoch, values)).OrderByDescending(k => epochs[k.Epoch - 1].Metrics[metric]).ThenBy(k => k.Epoch).Take(keep);
        return new RunState(state, epochs, [.. kept]);
    }

    /// <summary>The mean of the kept values.</summary>
    internal IReadOnlyList<TrainedTensor> Average() => [.. Kept[0].Values.Select((tensor, i) => tensor with { Values = Mean([.. Kept.Select(k => k.Values[i].Values)]) })];

    static float[] Mean(float[][] values) => [.. values[0].Select((_, i) => (float)values.Average(v => (double)v[i]))];
}
