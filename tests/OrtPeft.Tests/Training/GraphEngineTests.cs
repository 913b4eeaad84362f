namespace OrtPeft.Tests;

/// <summary>A batch gives the same step whether it runs as one or as micro-batches.</summary>
sealed class GraphEngineTests
{
    const int Width = 32, Labels = 3, Batch = 20, Length = 48;

    [TestCase("adamw", 0.0, 0, 3)]
    [TestCase("adamw", 0.2, 0, 3)]
    [TestCase("sgd", 0.2, 0, 3)]
    [TestCase("adamw", 0.2, 3, 1)]
    [TestCase("adamw", 0.2, 3, 2)]
    [TestCase("lamb", 0.0, 1, 4)]
    public void Micro_batches_give_the_step_of_the_whole_batch(string optimizer, double dropout, int microBatch, int threads)
    {
        var method = new YTuningOptions { Heads = 4, FeedForward = 64, Dropout = dropout };
        var options = new TrainingOptions { Optimizer = optimizer, WeightDecay = 0.01 };
        using var whole = Engine(method, options, threads: 1);
        using var divided = Engine(method, options with { MicroBatch = microBatch }, threads);
        using var batch = RandomBatch();
        for (var step = 0; step < 5; step++)
            Assert.That(divided.Train(batch, 1e-3), Is.EqualTo(whole.Train(batch, 1e-3)).Within(1e-5f));
        foreach (var (actual, expected) in divided.Read().Evaluated.Zip(whole.Read().Evaluated))
            Assert.That(MethodFixture.RelativeError(actual.Values, expected.Values), Is.LessThan(1e-4), expected.Name);
    }

    [Test]
    public void The_moving_average_follows_the_values_and_is_what_is_evaluated()
    {
        using var engine = Engine(new YTuningOptions { Heads = 4, FeedForward = 64, Dropout = 0 }, new TrainingOptions { Ema = 0.9, WeightDecay = 0 }, threads: 2);
        using var batch = RandomBatch();
        engine.Train(batch, 1e-2);
        var expected = engine.Read().Values[0].Values.Select(v => (double)v).ToArray();
        for (var step = 2; step <= 6; step++)
        {
            engine.Train(batch, 1e-2);
            expected = [.. expected.Zip(engine.Read().Values[0].Values, (average, value) => 0.9 * average + 0.1 * value)];
        }
        Assert.That(engine.Read().Evaluated[0].Values, Is.EqualTo(expected.Select(e => (float)e)).Within(1e-6f));

        var averaged = engine.Evaluate(batch);
        engine.Show(engine.Read().Values);
        Assert.That(engine.Evaluate(batch).Scores, Is.Not.EqualTo(averaged.Scores));
    }

    [Test]
    public void The_best_epochs_are_kept_best_first_and_averaged()
    {
        var run = RunState.Fresh([]);
        foreach (var (metric, epoch) in new[] { 0.5, 0.9, 0.7, 0.9 }.Select((m, i) => (m, i + 1)))
        {
            var result = new EpochResult { Epoch = epoch, Loss = 0, Seconds = 0, Time = default, Metrics = new Dictionary<string, double> { ["accuracy"] = metric } };
            run = run.After(result, run.State, [TrainedTensor.Constant("w", epoch, 2)], new TrainingOptions { SelectBy = "accuracy", AverageBest = 3 });
        }
        Assert.That(run.Kept.Select(k => k.Epoch), Is.EqualTo(new[] { 2, 4, 3 }));
        Assert.That(run.Best!.Epoch, Is.EqualTo(2));
        Assert.That(run.Average()[0].Values, Is.EqualTo(new[] { 3f, 3f }));
    }

    [Test]
    public void The_last_epochs_are_kept_where_that_is_asked()
    {
        var run = RunState.Fresh([]);
        foreach (var epoch in new[] { 1, 2, 3 })
        {
            var result = new EpochResult { Epoch = epoch, Loss = 0, Seconds = 0, Time = default, Metrics = new Dictionary<string, double> { ["accuracy"] = 1.0 / epoch } };
            run = run.After(result, run.State, [TrainedTensor.Constant("w", epoch, 2)], new TrainingOptions { SelectBy = "accuracy", KeepLast = true, AverageBest = 2 });
        }
        Assert.That(run.Kept.Select(k => k.Epoch), Is.EqualTo(new[] { 3, 2 }));
    }

    static GraphEngine Engine(YTuningOptions method, TrainingOptions options, int threads) =>
        new(YTuning.Graph(method, new ClassificationTask(["a", "b", "c"]), YTuning.Tensors(method, Width, TrainedTensor.Normal("labels", 0.5, 1, 1 + Labels, Width), seed: 1)), Width, Labels, options,
            new ExecutionOptions { Threads = threads });

    static FeatureBatch RandomBatch()
    {
        var random = new CounterRandom(7, "features");
        var batch = new FeatureBatch([.. Enumerable.Range(0, Batch)], Length, Width, FeatureView.Tokens);
        for (var row = 0; row < Batch; row++)
        {
            var values = new float[(Length - row) * Width];
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)random.NextNormal();
            batch.SetExample(row, values);
            batch.Labels[row] = row % Labels;
        }
        return batch;
    }
}
