using System.Diagnostics;

namespace OrtPeft;

/// <summary>What a training run starts from.</summary>
sealed record TrainingJob
{
    internal required TunableGraph Tunable { get; init; }

    internal required TrainingOptions Options { get; init; }

    internal required LearningTask Task { get; init; }

    internal required FeatureSet Train { get; init; }

    internal required FeatureSet Dev { get; init; }

    /// <summary>Where checkpoints and the log go; null keeps nothing.</summary>
    internal string? Folder { get; init; }

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

    /// <summary>What was tried on the dev part, where there was a choice.</summary>
    internal IReadOnlyList<Trial> Trials { get; init; } = [];
}

/// <summary>The training loop.</summary>
static class Trainer
{
    internal static TrainingOutcome Run(TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var (options, train) = (job.Options, job.Train);
        using var engine = new GraphEngine(job.Tunable, train.Width, job.Task.Outputs, options, job.Execution);
        var stepsPerEpoch = (train.Count + options.BatchSize!.Value - 1) / options.BatchSize.Value;
        var totalSteps = (long)stepsPerEpoch * options.Epochs!.Value;
        var watch = Stopwatch.StartNew();

        var run = Checkpoint.Load(job.Folder, job.RunHash, job.Tunable.Tensors);
        engine.Write(run.State);
        using var log = EpochLog.Open(job.Folder, run.Epochs);
        if (run.Epochs.Count > 0)
            progress?.Report(new TrainingProgress { Notice = $"Going on after epoch {run.Epochs.Count} of {options.Epochs}." });

        while (run.Epochs.Count < options.Epochs && !IsOver(run, options))
        {
            var epoch = run.Epochs.Count + 1;
            var epochWatch = Stopwatch.StartNew();
            double lossSum = 0, massSum = 0, learningRate = 0;
            foreach (var indices in BatchPlan.Epoch(train.Lengths, options.BatchSize.Value, options.Seed, epoch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var batch = train.Batch(indices);
                learningRate = Schedules.LearningRate(options, engine.Step + 1, totalSteps);
                var loss = engine.Train(batch, learningRate);
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
            run = run.After(report, engine.Read(), isBest: run.Best is null || dev.Metrics[options.SelectBy] > run.Best.Metrics[options.SelectBy]);
            log?.Add(report);
            Checkpoint.Save(job.Folder, job.RunHash, run);
            progress?.Report(new TrainingProgress { Step = engine.Step, TotalSteps = totalSteps, Epoch = epoch, Epochs = options.Epochs.Value, Loss = report.Loss, Finished = report });
            if (epoch == ChanceLoss.Patience && ChanceLoss.Describe(job, report) is { } chance)
                progress?.Report(new TrainingProgress { Notice = chance });
        }
        if (job.Task.NeedsTuning)
            return Tuned(engine, job, run, watch, cancellationToken);
        return new TrainingOutcome(run.BestValues, run.Epochs, run.Best!, watch.Elapsed.TotalSeconds) { Task = job.Task };
    }

    /// <summary>Settles on the dev part what the task leaves open.</summary>
    static TrainingOutcome Tuned(GraphEngine engine, TrainingJob job, RunState run, Stopwatch watch, CancellationToken cancellationToken)
    {
        engine.Write(run.State with { Values = run.BestValues });
        var task = job.Task.Tuned(job.Dev.Targets, Evaluation.Run(engine, job.Dev, job.Task, cancellationToken).Scores);
        return new TrainingOutcome(run.BestValues, run.Epochs, run.Best!, watch.Elapsed.TotalSeconds) { Task = task };
    }

    /// <summary>A run that cannot go on: what it reached so far is its result, if it reached anything.</summary>
    /// <exception cref="OrtPeftException">It failed in the first epoch.</exception>
    static TrainingOutcome Failed(TrainingJob job, RunState run, string reason, Stopwatch watch) => run.Best is { } best
        ? new TrainingOutcome(run.BestValues, run.Epochs, best, watch.Elapsed.TotalSeconds) { Task = job.Task, Failure = $"{reason} The result is that of epoch {best.Epoch}, the best before." }
        : throw new OrtPeftException($"{reason} No epoch was finished, so there is no result.");

    /// <summary>Early stopping: the best epoch lies <see cref="TrainingOptions.Patience"/> epochs back.</summary>
    static bool IsOver(RunState run, TrainingOptions options) =>
        options.Patience > 0 && run.Best is { } best && run.Epochs.Count - best.Epoch >= options.Patience;
}
