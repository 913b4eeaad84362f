namespace OrtPeft;

/// <summary>What tuning gave: the adapter, and how it came about.</summary>
public sealed class TunedModel
{
    readonly double _seconds;

    internal TunedModel(Adapter adapter, FeatureJobResult? features, TrainingJob job, TrainingOutcome outcome, EvaluationReport dev)
    {
        Adapter = adapter;
        Dev = dev;
        TrainExamples = job.Train.Count;
        DevExamples = job.Dev.Count;
        Provider = job.Execution.EffectiveProvider;
        Features = features;
        Training = job.Options;
        Epochs = outcome.Epochs;
        Best = outcome.Best;
        Trials = outcome.Trials;
        Failure = outcome.Failure;
        IsSolved = job.Tunable.Solve is not null;
        _seconds = outcome.Seconds;
        // Without the cache each epoch would run the backbone over every training and dev example.
        ForwardPassesSaved = features is null ? 0 : (long)(TrainExamples + DevExamples) * outcome.Epochs.Count - features.Computed;
    }

    /// <summary>The trained tensors and what they belong to.</summary>
    public Adapter Adapter { get; }

    /// <summary>What must be said of the result, such as that it answers one label only; null when there is nothing to say.</summary>
    public string? Warning => Best.Warning;

    /// <summary>Why training ended before its time, when something went wrong (the best epoch before is the result); else null.</summary>
    public string? Failure { get; }

    /// <summary>The chosen epoch's answers on the dev part.</summary>
    public EvaluationReport Dev { get; }

    /// <summary>Examples trained on.</summary>
    public int TrainExamples { get; }

    /// <summary>Examples that chose the best epoch.</summary>
    public int DevExamples { get; }

    /// <summary>Execution provider it was trained on.</summary>
    public string Provider { get; }

    /// <summary>What the caching job did; null where the method leaves nothing frozen to cache.</summary>
    public FeatureJobResult? Features { get; }

    /// <summary>The training options with every value filled in.</summary>
    public TrainingOptions Training { get; }

    /// <summary>All epochs, of a training in stages those of the last.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }

    /// <summary>The epoch whose values were taken.</summary>
    public EpochResult Best { get; }

    /// <summary>Whether the head was computed from all examples at once: it has no epochs to speak of.</summary>
    public bool IsSolved { get; }

    /// <summary>What was tried on the dev part by a head that is computed at once; empty when there was no choice.</summary>
    public IReadOnlyList<Trial> Trials { get; }

    /// <summary>What the stages before gave, where the method has any.</summary>
    internal IReadOnlyList<StageResult> Stages { get; set; } = [];

    /// <summary>Passes over the training part, those of all stages.</summary>
    public int TrainEpochs => Stages.Sum(stage => stage.Epochs) + (IsSolved ? 0 : Epochs.Count);

    /// <summary>Wall time of the training, all stages together, without caching. A stage that was shared or finished before counts with the time that it took then.</summary>
    public double TrainSeconds => Stages.Sum(stage => stage.Seconds) + _seconds;

    /// <summary>Runs of the backbone over one example that the cache made unnecessary; negative when caching cost more than it saved.</summary>
    public long ForwardPassesSaved { get; }

    /// <summary>Writes the adapter into <paramref name="folder"/> and removes the checkpoint there.</summary>
    public void Save(string folder)
    {
        Adapter.Save(folder);
        Checkpoint.Delete(folder);
    }
}
