using System.Text.Json;

namespace OrtPeft;

/// <summary>One run of a <see cref="Tuner"/>: everything is checked and decided when it is made, nothing is written before <see cref="FitAsync"/>.</summary>
sealed class TuningRun
{
    readonly Tuner _tuner;
    readonly RunData _examples;
    readonly TunableGraph _tunable;
    readonly TrainingData _data;
    readonly string _runHash;
    readonly IReadOnlyList<IRunTracker> _trackers;

    /// <exception cref="OrtPeftException">An option, a label or a folder is not as it must be.</exception>
    internal TuningRun(Tuner tuner, TextData train, TextData? dev)
        : this(tuner, RunData.Of(Checked(tuner), train, dev))
    {
    }

    internal TuningRun(Tuner tuner, RunData examples)
    {
        tuner = tuner with { Method = tuner.Method.Prepared(tuner.Backbone) };
        (_tuner, _examples) = (tuner, examples);
        Training = tuner.Training.Resolve(tuner.Method.Defaults(Train.Count));
        Training = Training with { SelectBy = Metrics.Choose(Training.SelectBy, Task) };
        _tunable = tuner.Method.Apply(tuner.Backbone, Task, Training.Seed).StartingFrom(tuner.Method.Start) with { Weighted = TrainTargets.AreWeighted || _examples.DevTargets.AreWeighted };
        if (_tunable.Encoder is { TakenPositions: > 0 and var taken } && tuner.Features.MaxLength + taken > tuner.Backbone.MaxPositions)
            throw new OrtPeftException($"--max-length is {tuner.Features.MaxLength}; '{tuner.Backbone.Name}' takes {tuner.Backbone.MaxPositions} tokens, {taken} of which {tuner.Method.Method} needs. Expected 3 to {tuner.Backbone.MaxPositions - taken}.");
        _data = new TrainingData(tuner.Backbone, Task, _tunable, tuner.Features, tuner.Execution);
        RefuseAugmentation();
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

    /// <exception cref="OrtPeftException">Images cannot be changed in each epoch, or there are none.</exception>
    void RefuseAugmentation()
    {
        if (ImageAugmentation.Parse(Training.Augment) is null)
            return;
        if (_tuner.Backbone.Images is null)
            throw new OrtPeftException($"--augment changes images; the model '{_tuner.Backbone.Name}' reads texts. Leave it out.");
        if (_data.Features is { } features)
            throw new OrtPeftException($"--augment changes images anew in each epoch, but {_tuner.Method.Method} reads features that are computed once and cached (at {features.At}). Leave it out, or choose a method that trains all layers.");
    }

    static Tuner Checked(Tuner tuner)
    {
        tuner.Execution.Validate();
        tuner.Features.Validate(tuner.Backbone);
        return tuner;
    }

    /// <summary>The training options with every value filled in.</summary>
    internal TrainingOptions Training { get; }

    /// <summary>Hash of everything that the trained values depend on.</summary>
    internal string RunHash => _runHash;

    /// <summary>What is trained.</summary>
    internal TunableGraph Tunable => _tunable;

    /// <summary>The data, divided and named.</summary>
    internal RunData Examples => _examples;

    internal LearningTask Task => _examples.Task;

    /// <summary>How examples become what is trained on.</summary>
    internal TrainingData Data => _data;

    /// <summary>The training part, without what is held back.</summary>
    internal TextData Train => _examples.Train;

    /// <summary>The part that chooses the best epoch.</summary>
    internal TextData Dev => _examples.Dev;

    internal Targets TrainTargets => _examples.TrainTargets;

    /// <summary>Where the result is going to be; null keeps nothing.</summary>
    internal string? Folder => _tuner.RunFolder;

    /// <summary>The result, where this very run is finished already.</summary>
    internal Adapter? Finished() => Folder is { } folder && Adapter.RunOf(folder) == _runHash && !Checkpoint.Exists(folder) ? Adapter.Load(folder) : null;

    /// <summary>Caches what is missing, then trains, stage by stage where the method has stages.</summary>
    internal async Task<TunedModel> FitAsync(IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (var notice in _examples.Notices())
            progress?.Report(new TuningProgress { Notice = notice });
        if (_tuner.Method.Stages.Count == 0)
            return await TrainAsync(progress, cancellationToken).ConfigureAwait(false);
        var (method, stages) = await StagedRun.RunAsync(_tuner, _examples, progress, cancellationToken).ConfigureAwait(false);
        var tuned = await new TuningRun(_tuner with { Method = method, Resume = true }, _examples).TrainAsync(progress, cancellationToken).ConfigureAwait(false);
        tuned.Stages = stages;
        return tuned;
    }

    /// <summary>Trains this run alone, without stages before it.</summary>
    internal async Task<TunedModel> TrainAsync(IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        var (backbone, execution) = (_tuner.Backbone, _tuner.Execution);
        if (_tuner.RunFolder is { } folder)
            AtomicFile.DeleteLeftovers(folder);
        if (_tunable.Artifacts?.Checkpoint.Optimizer is [{ Step: > 0 } earlier])
            progress?.Report(new TuningProgress { Notice = $"The artifacts were trained for {earlier.Step} steps already. Their values are the start; the schedule and the optimizer's moments begin anew." });
        using var cached = await _data.CacheAsync(_tuner.CacheFolder, Train.Concat(Dev), Relay<FeatureProgress>.To(progress, p => new TuningProgress { Features = p }), cancellationToken)
            .ConfigureAwait(false);
        var job = new TrainingJob
        {
            Tunable = _tunable,
            Options = Training,
            Task = Task,
            Train = _data.Read(cached, Train, TrainTargets),
            Dev = _data.Read(cached, Dev, _examples.DevTargets),
            Augmentation = ImageAugmentation.Parse(Training.Augment),
            Observer = _tuner.Stage?.Observe?.Invoke(_tunable, Training),
            Folder = _tuner.RunFolder,
            RunHash = _runHash,
            Trackers = _trackers,
            Chosen = Chosen(),
            Execution = execution,
        };
        var outcome = await System.Threading.Tasks.Task.Run(() => (_tunable.Solve is null ? Trainer.Run : (TrainingLoop)Solver.Run)(job, Relay<TrainingProgress>.To(progress, p => new TuningProgress { Training = p }), cancellationToken),
            CancellationToken.None).ConfigureAwait(false);
        var found = _tuner.Stage?.Find is { } find
            ? await System.Threading.Tasks.Task.Run(() => find(Finished(job, outcome, progress, cancellationToken)), CancellationToken.None).ConfigureAwait(false)
            : null;
        var (settled, tensors) = _tuner.Method.Settled(outcome.Tensors);
        var adapter = new Adapter(Describe(outcome, settled), tensors, found ?? settled.Found);
        var evaluation = EvaluationReport.Of(adapter, backbone, Dev, job.Dev, execution, cancellationToken);
        if (_tuner.RunFolder is { } run)
            EmbeddingProjector.Write(BoardOf(run), evaluation.Pooled, Dev);
        return new TunedModel(adapter, cached.Job, job, outcome, evaluation);
    }

    StageRun Finished(TrainingJob job, TrainingOutcome outcome, IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        return new StageRun(_tunable.With(outcome.Tensors), Task, job.Train, outcome.Observed, _tuner.Method.Found, Training, job.Execution, FromTokens,
            text => progress?.Report(new TuningProgress { Notice = text }), cancellationToken);

        (TunableGraph, TrainingSet) FromTokens(MethodOptions method)
        {
            var tunable = method.Apply(_tuner.Backbone, Task, Training.Seed).StartingFrom(outcome.Tensors) with { Weighted = _tunable.Weighted };
            tunable = tunable with { Encoder = tunable.Encoder?.FromTokens() };
            return (tunable, new TrainingData(_tuner.Backbone, Task, tunable, _tuner.Features, job.Execution).Read(new CachedFeatures(null, null), Train, TrainTargets));
        }
    }

    static string BoardOf(string folder) => Path.Combine(folder, "tensorboard");

    /// <summary>What was chosen, as trackers show it.</summary>
    Dictionary<string, string> Chosen() => JsonSerializer.SerializeToNode(Training, Json.Compact)!.AsObject()
        .Concat(TuningMethods.Settings(TuningMethods.ToJson(_tuner.Method)).Select(o => KeyValuePair.Create("method." + o.Name, o.Value)))
        .Append(KeyValuePair.Create<string, System.Text.Json.Nodes.JsonNode?>("method", _tuner.Method.Method))
        .ToDictionary(o => o.Key, o => o.Value?.ToString() ?? "");

    delegate TrainingOutcome TrainingLoop(TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken);

    AdapterInfo Describe(TrainingOutcome outcome, MethodOptions method) => new()
    {
        Method = method.Method,
        Options = TuningMethods.ToJson(method),
        Backbone = new AdapterBackbone(_tuner.Backbone.Name, _tuner.Backbone.Sha256, Path.GetFullPath(_tuner.Backbone.Path)),
        Tokenizer = _tuner.Backbone.InputPreparation,
        Task = outcome.Task.Info,
        Labels = Task.Labels,
        MaxLength = _tuner.Backbone.LengthFor(_tuner.Features.MaxLength),
        TrainableParameters = _tunable.Parameters + _tunable.TrainedEarlier,
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
        Train = Hash(Train),
        Dev = Hash(Dev),
        Stage = _tuner.Stage is { } stage ? $"{stage.Name} {stage.Finds} {_tuner.AfterRun}" : null,
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
