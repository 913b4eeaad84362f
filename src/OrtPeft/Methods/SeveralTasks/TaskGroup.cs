namespace OrtPeft;

/// <summary>Tasks that were trained by one method with the same options, so that their tensors have the same shapes.</summary>
/// <param name="Name">What the names of their stacked tensors begin with.</param>
/// <param name="Options">The options that they share.</param>
/// <param name="Hook">Writes the method's edits.</param>
sealed record TaskGroup(string Name, EncoderMethodOptions Options, Action<HookScope> Hook);
