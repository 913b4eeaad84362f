using System.Text.Json;

namespace OrtPeft;

/// <summary>One run of a <see cref="Tuner"/>: everything is checked and decided when it is made, nothing is written before <see cref="FitAsync"/>.</summary>
sealed class TuningRun
{
    const double DevShare = 0.1;

    readonly Tuner _tuner;
    readonly TextData _train;
    readonly TextData _dev;
    readonly bool _heldBack;
    readonly LearningTask _task;
    readonly (Targets Train, Targets Dev) _targets;
    readonly TunableGraph _tunable;
    readonly string _runHash;
    readonly IReadOnlyList<IRunTracker> _trackers;

    /// <exception cref="OrtPeftException">An option, a label or a folder is not as it must be.</exception>
    internal TuningRun(Tuner tuner, TextData train, TextData? dev)
    {
        _tuner = tuner;
        tuner.Execution.Validate();
        tuner.Features.Validate(tuner.Backbone);
        _task = LearningTasks.From(train, tuner.Task);
        _heldBack = dev is null;
        (_train, _dev) = dev is null ? StratifiedSplit.HoldBack(train, _task, DevShare, tuner.Training.Seed) : (train, dev);
        var words = new WordPlaces(tuner.Backbone, tuner.Features.MaxLength);
        _targets = Weights.Apply(tuner.Task.ClassWeights, _task, (_train, _task.TargetsOf(_train, words)), (_dev, _task.TargetsOf(_dev, words)));
        Training = tuner.Training.Resolve(tuner.Method.Defaults(_train.Count));
        Training = Training with { SelectBy = Metrics.Choose(Training.SelectBy, _task) };
        _tunable = tuner.Method.Apply(tuner.Backbone, _task, Training.Seed) with { Weighted = _targets.Train.AreWeighted || _targets.Dev.AreWeighted };
        if (_tunable.Artifacts is { } artifacts)
            Training = ArtifactOptimizer.Read(artifacts.OptimizerModel).In(Training);
        _runHash = Hash();
        _trackers = [.. tuner.RunFolder is null ? [] : new[] { new TensorBoardTracker(BoardOf(tuner.RunFolder)) }, .. tuner.Trackers.Select(RunTrackers.Parse)];
        if (tuner.RunFolder is { } folder)
        {
            if (File.Exists(folder))
                throw new OrtPeftException($"--out: '{folder}' is a file; expected a folder or nothing there.");
            if (!tuner.Overwrite && Adapter.RunOf(folder) is { } other && other != _runHash)
                throw new OrtPeftException($"'{folder}' holds the adapter of another run. Choose another folder, or say that it may be overwritten (--overwrite).");
            Checkpoint.Check(folder, _runHash, tuner.Resume, tuner.Overwrite);
        }
    }

    /// <summary>The training options with every value filled in.</summary>
    internal TrainingOptions Training { get; }

    /// <summary>Hash of everything that the trained values depend on.</summary>
    internal string RunHash => _runHash;

    /// <summary>What is computed and cached: where the method begins.</summary>
    FeatureOptions Features => _tuner.Features with { At = LastLayers.SiteOf(_tunable.Layers) };

    /// <summary>Caches what is missing, then trains.</summary>
    internal async Task<TunedModel> FitAsync(IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        var (backbone, execution) = (_tuner.Backbone, _tuner.Execution);
        if (_tuner.RunFolder is { } folder)
            AtomicFile.DeleteLeftovers(folder);
        if (_heldBack)
            progress?.Report(new TuningProgress { Notice = $"No dev data given: {_dev.Count} of {_train.Count + _dev.Count} training examples are held back{(_task.Target is TargetKind.Class or TargetKind.Level ? ", label by label" : "")}." });
        foreach (var notice in DataChecks.Notices(_task, (_train, _targets.Train), (_dev, _targets.Dev)))
            progress?.Report(new TuningProgress { Notice = notice });
        var features = await FeatureJob.RunAsync(backbone, [.. _train.Concat(_dev).SelectMany(_task.Texts)], _tuner.CacheFolder, Features, execution,
            Relay<FeatureProgress>.To(progress, p => new TuningProgress { Features = p }), cancellationToken).ConfigureAwait(false);
        using var cache = FeatureCache.Open(features.Folder);
        var job = new TrainingJob
        {
            Tunable = _tunable,
            Options = Training,
            Task = _task,
            Train = Read(cache, _train, _targets.Train),
            Dev = Read(cache, _dev, _targets.Dev),
            Folder = _tuner.RunFolder,
            RunHash = _runHash,
            Trackers = _trackers,
            Chosen = Chosen(),
            Execution = execution,
        };
        var outcome = await Task.Run(() => (_tunable.Solve is null ? Trainer.Run : (TrainingLoop)Solver.Run)(job, Relay<TrainingProgress>.To(progress, p => new TuningProgress { Training = p }), cancellationToken),
            CancellationToken.None).ConfigureAwait(false);
        var adapter = new Adapter(Describe(outcome), outcome.Tensors);
        var evaluation = EvaluationReport.Of(adapter, backbone, _dev, job.Dev, cancellationToken);
        if (_tuner.RunFolder is { } run)
            EmbeddingProjector.Write(BoardOf(run), evaluation.Pooled, _dev);
        return new TunedModel(adapter, features, job, outcome, evaluation);
    }

    static string BoardOf(string folder) => Path.Combine(folder, "tensorboard");

    /// <summary>What was chosen, as trackers show it.</summary>
    Dictionary<string, string> Chosen() => JsonSerializer.SerializeToNode(Training, Json.Compact)!.AsObject()
        .Concat(TuningMethods.ToJson(_tuner.Method).AsObject().Select(o => KeyValuePair.Create("method." + o.Key, o.Value)))
        .Append(KeyValuePair.Create<string, System.Text.Json.Nodes.JsonNode?>("method", _tuner.Method.Method))
        .ToDictionary(o => o.Key, o => o.Value?.ToString() ?? "");

    delegate TrainingOutcome TrainingLoop(TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken);

    FeatureSet Read(FeatureCache cache, TextData data, Targets targets) => new(cache, data.SelectMany(_task.Texts), targets, _tunable.View, _tunable.TextsPerExample, _tunable.Layers);

    AdapterInfo Describe(TrainingOutcome outcome) => new()
    {
        Method = _tuner.Method.Method,
        Options = TuningMethods.ToJson(_tuner.Method),
        Backbone = new AdapterBackbone(_tuner.Backbone.Name, _tuner.Backbone.Sha256, Path.GetFullPath(_tuner.Backbone.Path)),
        Tokenizer = _tuner.Backbone.InputPreparation,
        Task = outcome.Task.Info,
        Labels = _task.Labels,
        MaxLength = _tuner.Backbone.LengthFor(_tuner.Features.MaxLength),
        TrainableParameters = _tunable.Parameters,
        Metrics = outcome.Best.Metrics,
        Run = _runHash,
    };

    /// <summary>Hash of everything that the trained values depend on.</summary>
    string Hash() => FileHash.OfText(JsonSerializer.Serialize(new
    {
        Features = FeatureFingerprint.Of(_tuner.Backbone, Features, _tuner.Execution).Hash,
        _tuner.Method.Method,
        Options = TuningMethods.ToJson(_tuner.Method),
        Training,
        _tuner.Task,
        _tuner.Execution.EffectiveThreads,
        Train = Hash(_train),
        Dev = Hash(_dev),
    }, Json.Compact));

    static string Hash(TextData data) =>
        FileHash.OfText(FeatureKey.HashOf(data.Select(FeatureKey.Of)) + JsonSerializer.Serialize(data.Select(e => new { e.Label, e.Labels, e.Tags, e.Weight }), Json.Compact));

    /// <summary>Hands reports on at once, on the caller's thread; <see cref="Progress{T}"/> would reorder them.</summary>
    sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        internal static Relay<T>? To(IProgress<TuningProgress>? target, Func<T, TuningProgress> wrap) =>
            target is null ? null : new Relay<T>(value => target.Report(wrap(value)));

        public void Report(T value) => report(value);
    }
}
