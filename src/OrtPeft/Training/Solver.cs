using System.Diagnostics;

namespace OrtPeft;

/// <summary>All training examples, for a head that is computed from them at once.</summary>
/// <param name="Features">Pooled features, row-major [count, width].</param>
/// <param name="Width">Values of one example.</param>
/// <param name="Targets">The right answers.</param>
/// <param name="Threads">How many threads may work.</param>
/// <param name="CancellationToken">Ends the work.</param>
sealed record SolverInput(ReadOnlyMemory<float> Features, int Width, Targets Targets, int Threads, CancellationToken CancellationToken)
{
    internal int Count => Targets.Count;

    internal ReadOnlySpan<float> Row(int example) => Features.Span.Slice(example * Width, Width);
}

/// <summary>One way to set a head's tensors, and what sets it apart from the others, such as "regularization 10".</summary>
sealed record Solution(string Name, IReadOnlyList<TrainedTensor> Tensors);

/// <summary>A solution and how good it is on the dev part.</summary>
/// <param name="Name">What sets it apart, such as "regularization 10".</param>
/// <param name="Metrics">Its metrics on the dev part.</param>
public sealed record Trial(string Name, IReadOnlyDictionary<string, double> Metrics);

/// <summary>"Training" of heads that are computed at once: every solution is tried on the dev part, the best is kept.</summary>
static class Solver
{
    internal static TrainingOutcome Run(TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var train = job.Train;
        using var engine = new GraphEngine(job.Tunable, train.Width, job.Task.Outputs, job.Options, job.Execution);
        using var record = RunRecord.Open(job, [], progress, cancellationToken);
        var input = new SolverInput(((FeatureSet)train).Pooled, train.Width, train.Targets, job.Execution.EffectiveThreads, cancellationToken);
        var trials = new List<Trial>();
        (Solution Solution, Evaluation Dev)? best = null;
        foreach (var solution in job.Tunable.Solve!(input))
        {
            cancellationToken.ThrowIfCancellationRequested();
            NonFinite.Refuse(solution.Tensors, $"The closed form ({solution.Name})");
            engine.Write(RunState.Fresh(solution.Tensors).State);
            var dev = Evaluation.Run(engine, job.Dev, job.Task, cancellationToken);
            trials.Add(new Trial(solution.Name, dev.Metrics.Values));
            if (best is null || dev.Metrics[job.Options.SelectBy] > best.Value.Dev.Metrics[job.Options.SelectBy])
                best = (solution, dev);
            progress?.Report(new TrainingProgress { Step = trials.Count, TotalSteps = 0, Epoch = 1, Epochs = 1, Loss = dev.Loss });
        }
        var chosen = best!.Value;
        engine.Write(RunState.Fresh(chosen.Solution.Tensors).State);
        var report = new EpochResult
        {
            Epoch = 1,
            Loss = Evaluation.Run(engine, train, job.Task, cancellationToken).Loss,
            DevLoss = chosen.Dev.Loss,
            Metrics = chosen.Dev.Metrics.Values,
            Warning = chosen.Dev.Metrics.Warning,
            Time = DateTimeOffset.UtcNow,
            Seconds = watch.Elapsed.TotalSeconds,
        };
        record.Add(report, chosen.Solution.Tensors);
        record.Finished();
        progress?.Report(new TrainingProgress { Step = 1, TotalSteps = 1, Epoch = 1, Epochs = 1, Loss = report.Loss, Finished = report });
        return new TrainingOutcome(chosen.Solution.Tensors, [report], report, watch.Elapsed.TotalSeconds)
        {
            Task = job.Task.Tuned(job.Dev.Targets, chosen.Dev.Scores),
            Trials = trials.Count > 1 ? trials : [],
        };
    }
}
