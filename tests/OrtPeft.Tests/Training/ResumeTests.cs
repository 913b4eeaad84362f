namespace OrtPeft.Tests;

/// <summary>A run stopped anywhere and resumed gives the bits of an undisturbed run, whatever the optimizer and the schedule.</summary>
[Parallelizable(ParallelScope.Self)]
sealed class ResumeTests
{
    const int Epochs = 4, StepsPerEpoch = 8;

    static readonly Backbone Backbone = Tiny.Backbone();

    /// <summary>Fifty seeds; optimizers, schedules and what else a checkpoint must carry take turns.</summary>
    static TrainingOptions Options(int seed) => new()
    {
        Epochs = Epochs,
        BatchSize = 8,
        LearningRate = 1e-2,
        Seed = seed,
        Optimizer = Optimizers.Table.Keys.ElementAt(seed % Optimizers.Table.Count),
        Schedule = Schedules.Names.ElementAt(seed % Schedules.Names.Count()),
        Ema = seed % 3 == 0 ? 0.9 : 0,
        AverageBest = 1 + seed % 4,
        MicroBatch = seed % 5,
    };

    [Test]
    public void Stopped_at_any_step_and_resumed_it_gives_the_same_bits([Range(0, 49)] int seed)
    {
        using var folder = new TemporaryFolder();
        var tuner = Tuner.For(Backbone).With(new YTuningOptions { FeedForward = 32 }).With(new FeatureOptions { MaxLength = 16 }).With(Options(seed))
            .With(new ExecutionOptions { Threads = 2 }).CacheIn(folder["features"]);
        var undisturbed = Fit(tuner, new Reports<TuningProgress>(_ => { }), CancellationToken.None);

        var stopAt = 1 + new CounterRandom(seed, "stop").NextInt32(Epochs * StepsPerEpoch);
        using var stop = new CancellationTokenSource();
        var stopper = new Reports<TuningProgress>(p =>
        {
            if (p.Training?.Step == stopAt)
                stop.Cancel();
        });
        var stopped = tuner.SaveIn(folder["run"]);
        Assert.That(() => Fit(stopped, stopper, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        var resumed = Fit(tuner.SaveIn(folder["run"], resume: true), new Reports<TuningProgress>(_ => { }), CancellationToken.None);
        Assert.That(resumed.Select(t => t.Values), Is.EqualTo(undisturbed.Select(t => t.Values)), $"stopped at step {stopAt}");
    }

    static IReadOnlyList<TrainedTensor> Fit(Tuner tuner, IProgress<TuningProgress> progress, CancellationToken cancellationToken) =>
        tuner.FitAsync(Tiny.Mails(60), Tiny.Mails(30, seed: 1), progress, cancellationToken).GetAwaiter().GetResult().Adapter.Tensors;
}
