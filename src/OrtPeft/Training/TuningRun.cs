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
    readonly TrainingData _data;
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
        if (_tunable.Encoder is { TakenPositions: > 0 and var taken } && tuner.Features.MaxLength + taken > tuner.Backbone.MaxPositions)
            throw new OrtPeftException($"--max-length is {tuner.Features.MaxLength}; '{tuner.Backbone.Name}' takes {tuner.Backbone.MaxPositions} tokens, {taken} of which {tuner.Method.Method} needs. Expected 3 to {tuner.Backbone.MaxPositions - taken}.");
        _data = new TrainingData(tuner.Backbone, _task, _tunable, tuner.Features, tuner.Execution);
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

    /// <summary>What is trained.</summary>
    internal TunableGraph Tunable => _tunable;

    internal LearningTask Task => _task;

    /// <summary>How examples become what is trained on.</summary>
    internal TrainingData Data => _data;

    /// <summary>The training part, without what is held back.</summary>
    internal TextData Train => _train;

    /// <summary>The part that chooses the best epoch.</summary>
    internal TextData Dev => _dev;

    internal Targets TrainTargets => _targets.Train;

    /// <summary>Caches what is missing, then trains.</summary>
    internal async Task<TunedModel> FitAsync(IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        var (backbone, execution) = (_tuner.Backbone, _tuner.Execution);
        if (_tuner.RunFolder is { } folder)
            AtomicFile.DeleteLeftovers(folder);
        if (_heldBack)
            progress?.Report(new TuningProgress { Notice = $"No dev data given: {_dev.Count} of {_train.Count + _dev.Count} training examples are held back{(_task.Target is TargetKind.Class or TargetKind.Level ? ", label by label" : "")}." });
        if (_tunable.Artifacts?.Checkpoint.Optimizer is [{ Step: > 0 } earlier])
            progress?.Report(new TuningProgress { Notice = $"The artifacts were trained for {earlier.Step} steps already. Their values are the start; the schedule and the optimizer's moments begin anew." });
        foreach (var notice in DataChecks.Notices(_task, (_train, _targets.Train), (_dev, _targets.Dev)))
            progress?.Report(new TuningProgress { Notice = notice });
        using var cached = await _data.CacheAsync(_tuner.CacheFolder, _train.Concat(_dev), Relay<FeatureProgress>.To(progress, p => new TuningProgress { Features = p }), cancellationToken)
            .ConfigureAwait(false);
        var job = new TrainingJob
        {
            Tunable = _tunable,
            Options = Training,
            Task = _task,
            Train = _data.Read(cached, _train, _targets.Train),
            Dev = _data.Read(cached, _dev, _targets.Dev),
            Folder = _tuner.RunFolder,
            RunHash = _runHash,
            Trackers = _trackers,
            Chosen = Chosen(),
            Execution = execution,
        };
        var outcome = await System.Threading.Tasks.Task.Run(() => (_tunable.Solve is null ? Trainer.Run : (TrainingLoop)Solver.Run)(job, Relay<TrainingProgress>.To(progress, p => new TuningProgress { Training = p }), cancellationToken),
            CancellationToken.None).ConfigureAwait(false);
        var adapter = new Adapter(Describe(outcome), outcome.Tensors);
        var evaluation = EvaluationReport.Of(adapter, backbone, _dev, job.Dev, execution, cancellationToken);
        if (_tuner.RunFolder is { } run)
            EmbeddingProjector.Write(BoardOf(run), evaluation.Pooled, _dev);
        return new TunedModel(adapter, cached.Job, job, outcome, evaluation);
    }

    static string BoardOf(string folder) => Path.Combine(folder, "tensorboard");

    /// <summary>What was chosen, as trackers show it.</summary>
    Dictionary<string, string> Chosen() => JsonSerializer.SerializeToNode(Training, Json.Compact)!.AsObject()
        .Concat(TuningMethods.ToJson(_tuner.Method).AsObject().Select(o => KeyValuePair.Create("method." + o.Key, o.Value)))
        .Append(KeyValuePair.Create<string, System.Text.Json.Nodes.JsonNode?>("method", _tuner.Method.Method))
        .ToDictionary(o => o.Key, o => o.Value?.ToString() ?? "");

    delegate TrainingOutcome TrainingLoop(TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken);

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
        Features = FeatureFingerprint.Of(_tuner.Backbone, _data.Features ?? _tuner.Features, _tuner.Execution).Hash,
        _tuner.Method.Method,
        Options = TuningMethods.ToJson(_tuner.Method),
        Training,
        _tuner.Task,
        _tuner.Execution.EffectiveThreads,
        // Left out on the processor: what was hashed before there were others stays the same.
        Provider = _tuner.Execution.Chosen.IsCpu ? null : $"{_tuner.Execution.EffectiveProvider}, {_tuner.Execution.Precision}",
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
