namespace OrtPeft;

/// <summary>Tasks that were trained by one method with the same options, so that their tensors have the same shapes.</summary>
/// <param name="Name">What the names of their stacked tensors begin with.</param>
/// <param name="Hook">Writes the method's edits.</param>
/// <param name="Tensors">The trained tensors by name, of each task of the group.</param>
sealed record TaskGroup(string Name, Action<HookScope> Hook, IReadOnlyDictionary<int, IReadOnlyDictionary<string, TrainedTensor>> Tensors);
