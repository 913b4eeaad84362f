namespace OrtPeft;

/// <summary>
/// Adapts a frozen backbone to a labelled data set: caches the features that the chosen method needs, then trains only what the method
/// trains. <c>Tuner.For(backbone).With(new YTuningOptions()).FitAsync(data)</c>. Each call gives a new tuner; none is changed.
/// </summary>
public sealed record Tuner
{
    Tuner(Backbone backbone) => Backbone = backbone;

    internal Backbone Backbone { get; }

    internal MethodOptions Method { get; init; } = new YTuningOptions();

    internal TrainingOptions Training { get; init; } = new();

    internal TaskOptions Task { get; init; } = new();

    internal FeatureOptions Features { get; init; } = new();

    internal ExecutionOptions Execution { get; init; } = new();

    internal string CacheFolder { get; init; } = "features";

    internal string? RunFolder { get; init; }

    internal IReadOnlyList<string> Trackers { get; init; } = [];

    internal bool Resume { get; init; }

    internal bool Overwrite { get; init; }

    /// <summary>The stage of a larger training that this is; null where it stands for itself.</summary>
    internal Stage? Stage { get; init; }

    /// <summary>The run whose result a stage begins with; null for the first.</summary>
    internal string? AfterRun { get; init; }

    /// <summary>Begins with a frozen backbone.</summary>
    public static Tuner For(Backbone backbone) => new(backbone);

    /// <summary>Chooses the method by its options; Y-Tuning if never called.</summary>
    public Tuner With(MethodOptions method) => this with { Method = method };

    /// <summary>Sets how to train; what is null takes the method's own default.</summary>
    public Tuner With(TrainingOptions training) => this with { Training = training };

    /// <summary>Says what is learned; found from the labels if never called.</summary>
    public Tuner With(TaskOptions task) => this with { Task = task };

    /// <summary>Sets what features are computed and how they are stored.</summary>
    public Tuner With(FeatureOptions features) => this with { Features = features };

    /// <summary>Sets provider and threads.</summary>
    public Tuner With(ExecutionOptions execution) => this with { Execution = execution };

    /// <summary>Sets the folder of the feature cache; "features" if never called. Many trainings share one.</summary>
    public Tuner CacheIn(string folder) => this with { CacheFolder = folder };

    /// <summary>Keeps a checkpoint and a log of every epoch in <paramref name="folder"/>, where the adapter is going to be saved.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="resume">Whether to go on with an unfinished run there.</param>
    /// <param name="overwrite">Whether the adapter of another run may be replaced there.</param>
    public Tuner SaveIn(string folder, bool resume = false, bool overwrite = false) => this with { RunFolder = folder, Resume = resume, Overwrite = overwrite };

    /// <summary>Lets others follow the training, besides the files in the run's own folder. A tracker that fails is left out; it never stops training.</summary>
    /// <param name="trackers">"tensorboard=FOLDER" or "mlflow=http://SERVER:PORT/EXPERIMENT".</param>
    public Tuner TrackWith(params string[] trackers) => this with { Trackers = trackers };

    /// <summary>Says what training would cost: nothing is written, a few texts pass the backbone and one step is made to measure time and memory.</summary>
    /// <param name="train">Labelled examples to train on.</param>
    /// <param name="dev">Labelled examples that choose the best epoch; null holds a tenth of <paramref name="train"/> back.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OrtPeftException">An option, a label or a folder is not as it must be; the message says what to do.</exception>
    public Task<TuningPlan> PlanAsync(TextData train, TextData? dev = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        return System.Threading.Tasks.Task.Run(() => TuningPlan.Of(new TuningRun(this, train, dev), this, cancellationToken), cancellationToken);
    }

    /// <summary>Caches and trains.</summary>
    /// <param name="train">Labelled examples to train on.</param>
    /// <param name="dev">Labelled examples that choose the best epoch; null holds a tenth of <paramref name="train"/> back, label by label.</param>
    /// <param name="progress">Told how far caching and training are.</param>
    /// <param name="cancellationToken">Ends the work; the cache's finished shards and the last epoch's checkpoint stay.</param>
    /// <exception cref="OrtPeftException">An option, a label or a folder is not as it must be; the message says what to do.</exception>
    public Task<TunedModel> FitAsync(TextData train, TextData? dev = null, IProgress<TuningProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        return new TuningRun(this, train, dev).FitAsync(progress, cancellationToken);
    }
}
