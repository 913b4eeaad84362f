namespace OrtPeft;

/// <summary>Brings texts into the form that a method trains on: what is frozen is computed once and cached, the rest is token ids.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Task">What is learned.</param>
/// <param name="Tunable">What the method trains.</param>
/// <param name="Options">What the user chose of features.</param>
/// <param name="Execution">Provider and threads.</param>
sealed record TrainingData(Backbone Backbone, LearningTask Task, TunableGraph Tunable, FeatureOptions Options, ExecutionOptions Execution)
{
    /// <summary>What is computed and cached; null where the method leaves nothing frozen in front.</summary>
    internal FeatureOptions? Features => Tunable.Encoder switch
    {
        null => Options with { At = LastLayers.SiteOf(Tunable.Layers) },
        { Frontier: { } frontier } => Options with { At = frontier.Name, Keep = TokenChoice.All },
        _ => null,
    };

    /// <summary>Makes sure that a cache holds what is frozen of <paramref name="data"/>, and opens it.</summary>
    internal async Task<CachedFeatures> CacheAsync(string folder, IEnumerable<Example> data, IProgress<FeatureProgress>? progress, CancellationToken cancellationToken)
    {
        if (Features is not { } features)
            return new CachedFeatures(null, null);
        var job = await FeatureJob.RunAsync(Backbone, [.. data.SelectMany(Task.Texts)], folder, features, Execution, progress, cancellationToken).ConfigureAwait(false);
        return new CachedFeatures(job, FeatureCache.Open(job.Folder));
    }

    /// <summary>The examples of <paramref name="data"/> as the method reads them.</summary>
    internal TrainingSet Read(CachedFeatures cached, TextData data, Targets targets) => Tunable.Encoder is { } encoder
        ? new EncodedSet(Backbone, encoder, cached.Cache, data.SelectMany(Task.Texts), targets, Options.MaxLength)
        : new FeatureSet(cached.Cache!, data.SelectMany(Task.Texts), targets, Tunable.View, Tunable.TextsPerExample, Tunable.Layers);
}

/// <summary>A cache that is open, and the job that filled it; neither where nothing is cached.</summary>
sealed record CachedFeatures(FeatureJobResult? Job, FeatureCache? Cache) : IDisposable
{
    public void Dispose() => Cache?.Dispose();
}
