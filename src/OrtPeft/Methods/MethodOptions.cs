namespace OrtPeft;

/// <summary>Options of a tuning method; which record it is says which method.</summary>
public abstract record MethodOptions
{
    /// <summary>The method's name on the command line and in adapters.</summary>
    public abstract string Method { get; }

    /// <summary>What the stages before the training have found out; null for methods that are trained at once, and before the stages have run.</summary>
    internal Finding? Found { get; init; }

    /// <summary>Whether a trained result is nothing without <see cref="Found"/>.</summary>
    internal virtual bool NeedsFinding => false;

    /// <summary>Values at the start of tensors that earlier stages have trained already; other tensors start as the method says.</summary>
    internal IReadOnlyList<TrainedTensor> Start { get; init; } = [];

    /// <summary>The stages before the training, in order; none for methods that are trained at once.</summary>
    internal virtual IReadOnlyList<Stage> Stages => [];

    /// <summary>These options with what the results of <see cref="Stages"/> tell.</summary>
    internal virtual MethodOptions After(IReadOnlyList<Adapter> stages) => this;

    /// <summary>These options with what must be computed from the backbone before the training; it is the same whenever it is computed.</summary>
    internal virtual MethodOptions Prepared(Backbone backbone) => this;

    /// <summary>What was trained in the form that is kept: it computes the same, but may have fewer ways to be written.</summary>
    internal virtual (MethodOptions Options, IReadOnlyList<TrainedTensor> Tensors) Settled(IReadOnlyList<TrainedTensor> tensors) => (this, tensors);

    /// <summary>Settings that are trained one after the other and compared, where the options ask for that; else none.</summary>
    internal virtual IReadOnlyList<(string Name, MethodOptions Options)> Variants => [];

    /// <summary>What was found out, as pictures for the report.</summary>
    internal virtual IEnumerable<FoundPicture> Pictures => [];

    /// <summary>The same with what the results tell.</summary>
    internal virtual IEnumerable<FoundPicture> PicturesOf(TunedModel tuned) => Pictures;

    /// <summary>Training options that suit the method and that many training examples, for what the user leaves open.</summary>
    internal abstract TrainingOptions Defaults(int examples);

    /// <summary>
    /// The site before which nothing the method trains has any influence, as <see cref="FeatureOptions.At"/> names it: what comes before is computed
    /// once and cached. A method that trains the input itself names one of the model's inputs.
    /// </summary>
    internal virtual string Frontier(Backbone backbone) => FeatureSite.LastHiddenState;

    /// <summary>Checks the options against the backbone and declares what is trained.</summary>
    /// <param name="backbone">The frozen backbone.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="seed">Seed of the initial values.</param>
    /// <exception cref="OrtPeftException">An option is impossible, or the method is not for such a task.</exception>
    internal abstract TunableGraph Apply(Backbone backbone, LearningTask task, long seed);

    /// <summary>How many values are trained.</summary>
    /// <exception cref="OrtPeftException">The method is not for such a backbone or task.</exception>
    internal virtual long CountParameters(Backbone backbone, LearningTask task) => Apply(backbone, task, seed: 0).Parameters;

    /// <summary>The same for one of several labels.</summary>
    internal TunableGraph Apply(Backbone backbone, IReadOnlyList<string> labels, long seed) => Apply(backbone, new ClassificationTask(labels), seed);

    /// <summary>Why rows of other tasks cannot stand in one batch with those of this method; null when they can.</summary>
    internal virtual string? Unmergeable => null;

    private protected void RequireRange(string option, double value, double from, double to)
    {
        if (!(value >= from && value <= to))
            throw new OrtPeftException(FormattableString.Invariant($"{TuningMethods.Table[Method].DisplayName}: {char.ToLowerInvariant(option[0])}{option[1..]} is {value}; expected {from} to {to}."));
    }

    private protected void RequireNot(bool wrong, LearningTask task)
    {
        if (wrong)
            throw new OrtPeftException($"{Method} is not for the task {task.Name}. Choose another method, such as {LinearProbeOptions.Name}.");
    }
}
