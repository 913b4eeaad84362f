using System.Diagnostics;

namespace OrtPeft;

/// <summary>What a training run starts from.</summary>
sealed record TrainingJob
{
    internal required TunableGraph Tunable { get; init; }

    internal required TrainingOptions Options { get; init; }

    internal required LearningTask Task { get; init; }

    internal required TrainingSet Train { get; init; }

    internal required TrainingSet Dev { get; init; }

    /// <summary>Where checkpoints and the log go; null keeps nothing.</summary>
    internal string? Folder { get; init; }

    /// <summary>How training images are changed in each epoch.</summary>
    internal ImageAugmentation? Augmentation { get; init; }

    /// <summary>Watches the steps of one epoch.</summary>
    internal IStepObserver? Observer { get; init; }

    /// <summary>Who follows the run, besides the log in its folder.</summary>
    internal IReadOnlyList<IRunTracker> Trackers { get; init; } = [];

    /// <summary>Everything that was chosen, for trackers.</summary>
    internal IReadOnlyDictionary<string, string> Chosen { get; init; } = new Dictionary<string, string>();

    /// <summary>Hash of everything the result depends on; a checkpoint of another run is refused.</summary>
    internal string RunHash { get; init; } = "";

    internal ExecutionOptions Execution { get; init; } = new();
}

/// <summary>What a training run gave: the values of the best epoch, and all epochs.</summary>
sealed record TrainingOutcome(IReadOnlyList<TrainedTensor> Tensors, IReadOnlyList<EpochResult> Epochs, EpochResult Best, double Seconds)
{
    /// <summary>The task with what was settled on the dev part.</summary>
    internal required LearningTask Task { get; init; }

    /// <summary>Why training ended before its time, when something went wrong; else null.</summary>
    internal string? Failure { get; init; }

    /// <summary>What <see cref="TrainingJob.Observer"/> has summed up; empty without one, or when its epoch was not reached.</summary>
    internal IReadOnlyList<TrainedTensor> Observed { get; init; } = [];

    /// <summary>What was tried on the dev part, where there was a choice.</summary>
    internal IReadOnlyList<Trial> Trials { get; init; } = [];
}

/// <summary>The training loop.</summary>
static class Trainer
{
    internal static TrainingOutcome Run(TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var placed = DeviceFeatures.Of(job);
        job = placed.Job;
        if (placed.Notice is { } notice)
            progress?.Report(new TrainingProgress { Notice = notice });
        var (options, train) = (job.Options, job.Train);
        using var engine = TrainingEngines.Create(job);
        var stepsPerEpoch = (train.Count + options.BatchSize!.Value - 1) / options.BatchSize.Value;
        var totalSteps = (long)stepsPerEpoch * options.Epochs!.Value;
        var watch = Stopwatch.StartNew();

        var run = Checkpoint.Load(job.Folder, job.RunHash, job.Tunable.Tensors);
        engine.Write(run.State);
        using var record = RunRecord.Open(job, run.Epochs, progress, cancellationToken);
        if (run.Epochs.Count > 0)
            progress?.Report(new TrainingProgress { Notice = $"Going on after epoch {run.Epochs.Count} of {options.Epochs}." });

        while (run.Epochs.Count < options.Epochs && !IsOver(run, options))
        {
            var epoch = run.Epochs.Count + 1;
            var epochWatch = Stopwatch.StartNew();
            using var activity = Telemetry.Activities.StartActivity("ortpeft.training.epoch");
            activity?.SetTag("epoch", epoch);
            var devMetrics = run.Epochs.Select(e => e.Metrics[options.SelectBy]).ToArray();
            var observer = job.Observer?.Epoch == epoch ? job.Observer : null;
            double lossSum = 0, massSum = 0, learningRate = 0;
            TrainingSet seen = job.Augmentation is { } augmentation ? new AugmentedSet((EncodedSet)train, augmentation, options.Seed, epoch) : train;
            foreach (var next in seen.Batches(BatchPlan.Epoch(train.Lengths, options.BatchSize.Value, options.Seed, epoch), cancellationToken: cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var batch = next;
                learningRate = Schedules.LearningRate(options, engine.Step + 1, totalSteps, devMetrics);
                var loss = engine.Train(batch, learningRate, observer);
                Telemetry.Steps.Add(1);
                Telemetry.Loss.Record(loss);
                if (float.IsNaN(loss))
                    return Failed(job, run, $"Training stopped at step {engine.Step} (epoch {epoch}): {engine.FirstNonFinite(batch)} is not a finite number. "
                        + FormattableString.Invariant($"Lower --learning-rate (now {options.LearningRate})."), watch);
                lossSum += loss * batch.Targets.Mass();
                massSum += batch.Targets.Mass();
                progress?.Report(new TrainingProgress { Step = engine.Step, TotalSteps = totalSteps, Epoch = epoch, Epochs = options.Epochs.Value, Loss = loss });
            }

            var dev = Evaluation.Run(engine, job.Dev, job.Task, cancellationToken);
            var report = new EpochResult
            {
                Epoch = epoch,
                Loss = lossSum / Math.Max(massSum, float.Epsilon),
                DevLoss = dev.Loss,
                Metrics = dev.Metrics.Values,
                LearningRate = learningRate,
                Warning = dev.Metrics.Warning,
                Time = DateTimeOffset.UtcNow,
                Seconds = epochWatch.Elapsed.TotalSeconds,
            };
            var state = engine.Read();
            run = run.After(report, state, state.Evaluated, options) with { Observed = observer?.Result ?? run.Observed };
            record.Add(report, state.Evaluated);
            Checkpoint.Save(job.Folder, job.RunHash, run);
            progress?.Report(new TrainingProgress { Step = engine.Step, TotalSteps = totalSteps, Epoch = epoch, Epochs = options.Epochs.Value, Loss = report.Loss, Finished = report });
            if (epoch == ChanceLoss.Patience && ChanceLoss.Describe(job, report) is { } chance)
                progress?.Report(new TrainingProgress { Notice = chance });
        }
        record.Finished();
        var (values, best) = Choose(engine, job, run, cancellationToken);
        return new TrainingOutcome(values, run.Epochs, best, watch.Elapsed.TotalSeconds) { Task = Tuned(engine, job, values, cancellationToken), Observed = run.Observed };
    }

    /// <summary>The average of the best epochs where it is at least as good as the best, else the best.</summary>
    static (IReadOnlyList<TrainedTensor> Values, EpochResult Best) Choose(ITrainingEngine engine, TrainingJob job, RunState run, CancellationToken cancellationToken)
    {
        var best = run.Best!;
        if (run.Kept.Count > 1)
        {
            var average = run.Average();
            engine.Show(average);
            var dev = Evaluation.Run(engine, job.Dev, job.Task, cancellationToken);
            var metrics = dev.Metrics.Values;
            if (metrics[job.Options.SelectBy] >= best.Metrics[job.Options.SelectBy])
                return (average, best with { DevLoss = dev.Loss, Metrics = metrics, Warning = dev.Metrics.Warning });
        }
        return (run.Kept[0].Values, best);
    }

    /// <summary>The task with what it leaves open settled on the dev part.</summary>
    static LearningTask Tuned(ITrainingEngine engine, TrainingJob job, IReadOnlyList<TrainedTensor> values, CancellationToken cancellationToken)
    {
        if (!job.Task.NeedsTuning)
            return job.Task;
        engine.Show(values);
        return job.Task.Tuned(job.Dev.Targets, Evaluation.Run(engine, job.Dev, job.Task, cancellationToken).Scores);
    }

    /// <summary>A run that cannot go on: what it reached so far is its result, if it reached anything.</summary>
    /// <exception cref="OrtPeftException">It failed in the first epoch.</exception>
    static TrainingOutcome Failed(TrainingJob job, RunState run, string reason, Stopwatch watch) => run.Best is { } best
        ? new TrainingOutcome(run.Kept[0].Values, run.Epochs, best, watch.Elapsed.TotalSeconds) { Task = job.Task, Failure = $"{reason} The result is that of epoch {best.Epoch}, the best before." }
        : throw new OrtPeftException($"{reason} No epoch was finished, so there is no result.");

    /// <summary>Early stopping: the best epoch lies <see cref="TrainingOptions.Patience"/> epochs back.</summary>
    static bool IsOver(RunState run, TrainingOptions options) =>
        options.Patience > 0 && run.Best is { } best && run.Epochs.Count - best.Epoch >= options.Patience;
}
