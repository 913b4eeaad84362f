namespace OrtPeft;

/// <summary>Everything an engine holds between two steps: values and the optimizer's moments, by tensor name.</summary>
sealed record TrainingState(long Step, IReadOnlyList<TrainedTensor> Values, IReadOnlyDictionary<string, IReadOnlyList<TrainedTensor>> Moments)
{
    /// <summary>The moment that is a moving average of the values.</summary>
    internal static readonly Moment Average = Moment.Full("ema");

    /// <summary>What is evaluated and kept: the moving average where there is one, else the values.</summary>
    internal IReadOnlyList<TrainedTensor> Evaluated => Moments.GetValueOrDefault(Average.Name) ?? Values;
}
