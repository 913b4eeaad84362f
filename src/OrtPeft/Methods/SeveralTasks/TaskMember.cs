using System.Text.Json;

namespace OrtPeft;

/// <summary>A trained result in a graph of several tasks.</summary>
/// <param name="Options">Its method's options.</param>
/// <param name="Tunable">What the method declares, with the trained values.</param>
/// <param name="Task">What it answers.</param>
sealed record TaskMember(MethodOptions Options, TunableGraph Tunable, LearningTask Task)
{
    /// <summary>Why rows of other tasks cannot stand in one batch with those of such a result; null when they can.</summary>
    internal static string? ReasonAgainst(MethodOptions options, LearningTask task)
    {
        if (options.Unmergeable is { } reason)
            return $"was trained by {options.Method}: {reason}";
        if (task.TextsPerExample > 1)
            return $"is for the task {task.Name}, which reads the texts of a pair one by one";
        if (task.Target == TargetKind.TokenClass)
            return $"is for the task {task.Name}, which answers for every token";
        return options switch { EncoderMethodOptions { Pooling: var p } => p, LinearProbeOptions { Pooling: var p } => p, _ => default } is var pooling && PooledFeatures.IsTrained(pooling)
            ? $"has {JsonNamingPolicy.KebabCaseLower.ConvertName($"{pooling}")} pooling, whose head is more than one linear layer"
            : null;
    }

    internal TrainedTensor Tensor(string name) => Tunable.Tensors.First(t => t.Name == name);

    /// <summary>What the head reads of the hidden states.</summary>
    internal (FeatureView View, bool UnitLength) Features => (Tunable.View, Tunable.UnitLength);

    /// <summary>Adapters with equal groups change the backbone in the same places; null where it stays as it is.</summary>
    internal EncoderMethodOptions? Group => (Options as EncoderMethodOptions)?.InBackbone;
}
