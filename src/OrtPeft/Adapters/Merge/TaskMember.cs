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
    internal static TaskMember Of(string name, Adapter adapter, Backbone backbone)
    {
        var (options, task) = (TuningMethods.FromJson(adapter.Info.Method, adapter.Info.Options.DeepClone()), LearningTasks.Restore(adapter.Info));
        if (options.Unmergeable is { } reason)
            throw Refused($"was trained by {options.Method}: {reason}");
        if (task.TextsPerExample > 1)
            throw Refused($"is for the task {task.Name}, which reads the texts of a pair one by one");
        if (task.Target == TargetKind.TokenClass)
            throw Refused($"is for the task {task.Name}, which answers for every token");
        var tunable = options.Apply(backbone, task, seed: 0).With(adapter);
        if (tunable.View == FeatureView.Tokens)
            throw Refused("has attention pooling, whose head is more than one linear layer");
        return new TaskMember(options, tunable, task);

        OrtPeftException Refused(string why) =>
            new($"The adapter '{name}' {why}, so it cannot be merged with others. Leave it out, and export it alone with `ortpeft export`.");
    }

    internal TrainedTensor Tensor(string name) => Tunable.Tensors.First(t => t.Name == name);

    /// <summary>What the head reads of the hidden states.</summary>
    internal (FeatureView View, bool UnitLength) Features => (Tunable.View, Tunable.UnitLength);

    /// <summary>Adapters with equal groups change the backbone in the same places; null where it stays as it is.</summary>
    internal EncoderMethodOptions? Group => (Options as EncoderMethodOptions)?.InBackbone;
}
