namespace OrtPeft;

/// <summary>Everything an engine holds between two steps: values and the optimizer's moments, by tensor name.</summary>
sealed record TrainingState(long Step, IReadOnlyList<TrainedTensor> Values, IReadOnlyDictionary<string, IReadOnlyList<TrainedTensor>> Moments);
