namespace OrtPeft;

/// <summary>An adapter in a graph of several tasks.</summary>
/// <param name="Options">Its method's options.</param>
/// <param name="Tunable">What the method declares, with the adapter's values.</param>
/// <param name="Task">What it answers.</param>
sealed record TaskMember(MethodOptions Options, TunableGraph Tunable, LearningTask Task)
{
    /// <param name="name">The adapter's name, for messages.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="backbone">Its backbone.</param>
    /// <exception cref="OrtPeftException">Rows of other tasks cannot stand in one batch with those of this adapter.</exception>
    internal static TaskMember Of(string name, Adapter adapter, Backbone backbone) => ReasonAgainst(adapter.Info) is { } reason
        ? throw new OrtPeftException($"The adapter '{name}' {reason}, so it cannot be merged with others. Leave it out, and export it alone with `ortpeft export`.")
        : Of(adapter, backbone);

    /// <summary>The same for an adapter that <see cref="ReasonAgainst"/> says nothing against.</summary>
    internal static TaskMember Of(Adapter adapter, Backbone backbone)
    {
        var task = LearningTasks.Restore(adapter.Info);
        var options = OptionsOf(adapter.Info);
        return new TaskMember(options, options.Apply(backbone, task, seed: 0).With(adapter), task);
    }

    /// <summary>Why rows of other tasks cannot stand in one batch with those of an adapter; null when they can.</summary>
    internal static string? ReasonAgainst(AdapterInfo adapter)
    {
        var (options, task) = (OptionsOf(adapter), LearningTasks.Restore(adapter));
        if (options.Unmergeable is { } reason)
            return $"was trained by {options.Method}: {reason}";
        if (task.TextsPerExample > 1)
            return $"is for the task {task.Name}, which reads the texts of a pair one by one";
        if (task.Target == TargetKind.TokenClass)
            return $"is for the task {task.Name}, which answers for every token";
        return options is EncoderMethodOptions { Pooling: PoolingKind.Attention } or LinearProbeOptions { Pooling: PoolingKind.Attention }
            ? "has attention pooling, whose head is more than one linear layer"
            : null;
    }

    static MethodOptions OptionsOf(AdapterInfo adapter) => TuningMethods.FromJson(adapter.Method, adapter.Options.DeepClone());

    internal TrainedTensor Tensor(string name) => Tunable.Tensors.First(t => t.Name == name);

    /// <summary>What the head reads of the hidden states.</summary>
    internal (FeatureView View, bool UnitLength) Features => (Tunable.View, Tunable.UnitLength);

    /// <summary>Adapters with equal groups change the backbone in the same places; null where it stays as it is.</summary>
    internal EncoderMethodOptions? Group => (Options as EncoderMethodOptions)?.InBackbone;
}
