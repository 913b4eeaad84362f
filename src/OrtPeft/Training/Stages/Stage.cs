namespace OrtPeft;

/// <summary>
/// A run that comes before the last one of a method that is trained in stages. It is an ordinary training with its own folder below the result's; what is
/// found after it decides what the next one trains.
/// </summary>
/// <param name="Name">Its name, also of its folder.</param>
sealed record Stage(string Name)
{
    /// <summary>What the run trains, from the results of the stages before it.</summary>
    internal required Func<IReadOnlyList<Adapter>, MethodOptions> Method { get; init; }

    /// <summary>How it is trained, from what the user chose.</summary>
    internal Func<TrainingOptions, TrainingOptions> Training { get; init; } = options => options;

    /// <summary>A method whose steps cost what this stage's do, known before any stage has run; null for the staged method itself.</summary>
    internal MethodOptions? Planned { get; init; }

    /// <summary>What <see cref="Observe"/> and <see cref="Find"/> depend on besides the run itself: a finished stage with other words is run again.</summary>
    internal string Finds { get; init; } = "";

    /// <summary>Watches the steps of one epoch.</summary>
    internal Func<TunableGraph, TrainingOptions, IStepObserver>? Observe { get; init; }

    /// <summary>Finds out something from the finished run; it is kept with the run's result.</summary>
    internal Func<StageRun, Finding>? Find { get; init; }
}

/// <summary>A finished run of a stage, its data still open.</summary>
/// <param name="Tunable">What was trained, with the trained values.</param>
/// <param name="Task">What it answers.</param>
/// <param name="Train">The training part as it was read.</param>
/// <param name="Observed">What the observer of the steps has summed up.</param>
/// <param name="Found">What the stages before it had found out; null for the first.</param>
/// <param name="Training">How it was trained.</param>
/// <param name="Execution">Provider and threads.</param>
/// <param name="Open">Declares a method inside the model and the training part as it reads it from the texts on, with the trained values where the names are the same.</param>
/// <param name="Say">Takes sentences for the user.</param>
/// <param name="CancellationToken">Ends the work.</param>
sealed record StageRun(
    TunableGraph Tunable, LearningTask Task, TrainingSet Train, IReadOnlyList<TrainedTensor> Observed, Finding? Found, TrainingOptions Training, ExecutionOptions Execution,
    Func<MethodOptions, (TunableGraph Tunable, TrainingSet Train)> Open, Action<string> Say, CancellationToken CancellationToken)
{
    /// <summary>The same values in the model as <paramref name="method"/> declares it.</summary>
    internal StageRun As(MethodOptions method)
    {
        var (tunable, train) = Open(method);
        return this with { Tunable = tunable, Train = train };
    }
}
