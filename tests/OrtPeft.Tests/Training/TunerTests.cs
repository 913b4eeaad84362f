namespace OrtPeft.Tests;

/// <summary>One row of the conformance table: a method, a task, and the method's trained values on the tiny backbone from its formula.</summary>
sealed record ConformanceRow(MethodOptions Method, Func<int, int, TextData> Data, long TrainedParameters)
{
    internal TaskOptions Task { get; init; } = new();

    /// <summary>What the best epoch must reach on the dev part to be better than guessing.</summary>
    internal (string Metric, double Above) Learns { get; init; } = ("accuracy", 2.0 / 3);

    /// <summary>A rate at which thirty short epochs are enough.</summary>
    internal double LearningRate { get; init; } = 5e-3;

    /// <summary>A head that is computed at once has no epochs.</summary>
    internal bool IsSolved => Method is ClosedFormOptions;
}

/// <summary>Laws that every method keeps for every task it is for, row by row: the conformance table grows with each.</summary>
[TestFixtureSource(nameof(Rows))]
[Parallelizable(ParallelScope.Self)]
sealed class TunerTests(ConformanceRow row)
{
    const int D = 32, F = 64, Labels = 2, Hidden = 16;

    static readonly (string, double) Exact = ("microF1", 0.6), Number = ("r2", 0.15), Level = ("kappa", 0.15), Spans = ("f1", 0.25), Similar = ("spearman", 0.2);

    static IEnumerable<TestFixtureData> Rows()
    {
        var probe = new LinearProbeOptions();
        yield return Named("linear-probe mean", new(probe, Mails, Labels * (D + 1)));
        yield return Named("linear-probe cls", new(probe with { Pooling = PoolingKind.Cls }, Mails, Labels * (D + 1)));
        yield return Named("linear-probe max", new(probe with { Pooling = PoolingKind.Max }, Mails, Labels * (D + 1)));
        yield return Named("linear-probe attention", new(probe with { Pooling = PoolingKind.Attention }, Mails, Labels * (D + 1) + D));
        yield return Named("linear-probe two layers", new(probe with { Layers = 2 }, Mails, Labels * (D + 1) + 3));
        yield return Named("linear-probe three layers, attention", new(probe with { Layers = 3, Pooling = PoolingKind.Attention }, Mails, Labels * (D + 1) + D + 4));
        yield return Named("linear-probe focal, balanced", new(probe, Mails, Labels * (D + 1)) { Task = new() { Loss = new() { Name = "focal" }, ClassWeights = "balanced" } });
        yield return Named("linear-probe multi-label", new(probe, TinyTasks.MultiLabel, 3 * (D + 1)) { Learns = Exact });
        yield return Named("linear-probe regression", new(probe, TinyTasks.Numbers, D + 1) { Learns = Number });
        yield return Named("linear-probe ordinal", new(probe, TinyTasks.Levels, D + 3) { Task = new() { Task = "ordinal" }, Learns = Level });
        yield return Named("linear-probe tagging", new(probe, TinyTasks.Tags, 5 * (D + 1)) { Learns = Spans, LearningRate = 0.1 });
        yield return Named("linear-probe similarity", new(probe, TinyTasks.Pairs, D * D) { Task = new() { Task = "similarity" }, Learns = Similar });

        var mlp = new MlpOptions { Hidden = Hidden };
        const long MlpCount = Hidden * (D + 1) + Labels * (Hidden + 1);
        yield return Named("linear-probe two layers, tagging", new(probe with { Layers = 2 }, TinyTasks.Tags, 5 * (D + 1) + 3) { Learns = Spans, LearningRate = 0.1 });
        yield return Named("mlp", new(mlp, Mails, MlpCount));
        yield return Named("mlp two layers, attention", new(mlp with { Layers = 2, Pooling = PoolingKind.Attention }, Mails, MlpCount + Hidden * (Hidden + 1) + D));
        yield return Named("mlp tagging", new(mlp, TinyTasks.Tags, Hidden * (D + 1) + 5 * (Hidden + 1)) { Learns = Spans, LearningRate = 0.03 });
        yield return Named("mlp ordinal", new(mlp, TinyTasks.Levels, Hidden * (D + 1) + Hidden + 3) { Task = new() { Task = "ordinal" }, Learns = Level });

        yield return YTuningRow("y-tuning", new YTuningOptions());
        yield return YTuningRow("y-tuning cross-entropy", new YTuningOptions { Loss = YTuningLoss.CrossEntropy, TaskName = "mail" });
        yield return YTuningRow("y-tuning post-norm, two layers", new YTuningOptions { Norm = NormPlacement.Post, Layers = 2, Dropout = 0 });
        yield return YTuningRow("y-tuning three vectors a label, max", new YTuningOptions { VectorsPerLabel = 3, LabelPooling = LabelPooling.Max });
        var y = new YTuningOptions { FeedForward = F };
        yield return Named("y-tuning multi-label", new(y, TinyTasks.MultiLabel, YTuningCount(y, 3)) { Learns = Exact });
        yield return Named("y-tuning regression", new(y, TinyTasks.Numbers, YTuningCount(y, 0) + D + 1) { Learns = Number });
        yield return Named("y-tuning ordinal", new(y, TinyTasks.Levels, YTuningCount(y, 0) + D + 3) { Task = new() { Task = "ordinal" }, Learns = Level });

        yield return Named("ridge", new(new RidgeOptions(), Mails, Labels * (D + 1)));
        yield return Named("ridge balanced", new(new RidgeOptions { Regularization = 1 }, Mails, Labels * (D + 1)) { Task = new() { ClassWeights = "balanced" } });
        yield return Named("ridge regression", new(new RidgeOptions(), TinyTasks.Numbers, D + 1) { Learns = Number });
        yield return Named("ridge ordinal", new(new RidgeOptions(), TinyTasks.Levels, D + 3) { Task = new() { Task = "ordinal" }, Learns = Level });
        yield return Named("ridge multi-label", new(new RidgeOptions(), TinyTasks.MultiLabel, 3 * (D + 1)) { Learns = Exact });
        yield return Named("lda", new(new LdaOptions(), Mails, Labels * (D + 1)));
        yield return Named("ncm cosine", new(new NearestMeanOptions(), Mails, Labels * (D + 1)));
        yield return Named("ncm euclidean", new(new NearestMeanOptions { Distance = MeanDistance.Euclidean }, Mails, Labels * (D + 1)));
        yield return Named("logistic-regression", new(new LogisticRegressionOptions(), Mails, Labels * (D + 1)));
        yield return Named("logistic-regression multi-label", new(new LogisticRegressionOptions(), TinyTasks.MultiLabel, 3 * (D + 1)) { Learns = Exact });

        static TestFixtureData Named(string name, ConformanceRow row) => new TestFixtureData(row).SetArgDisplayNames(name);

        static TestFixtureData YTuningRow(string name, YTuningOptions options) => Named(name, new(options with { FeedForward = F }, Mails, YTuningCount(options, Labels)));

        static long YTuningCount(YTuningOptions options, int labels) =>
            options.Layers * (8 * D * D + 2 * D * F + F + 15 * D) + (1 + labels * options.VectorsPerLabel) * D + (options.Norm == NormPlacement.Pre ? 2 * D : 0);
    }

    static TextData Mails(int count, int seed) => Tiny.Mails(count, seed);

    static readonly Backbone Backbone = Tiny.Backbone();
    static readonly FeatureOptions Features = new() { MaxLength = 16 };
    static readonly TrainingOptions Training = new() { Epochs = 3, BatchSize = 8, LearningRate = 5e-3, Seed = 4 };

    Tuner Tuner(TemporaryFolder folder) => OrtPeft.Tuner.For(Backbone).With(row.Method).With(row.Task).With(Features).With(Training)
        .With(new ExecutionOptions { Threads = 2 }).CacheIn(folder["features"]);

    TextData Dev => row.Data(30, 1);

    TunedModel Fit(Tuner tuner, IProgress<TuningProgress>? progress = null, CancellationToken cancellationToken = default) =>
        tuner.FitAsync(row.Data(60, 0), Dev, progress, cancellationToken).GetAwaiter().GetResult();

    [Test]
    public void Trains_as_many_values_as_its_formula_says_and_learns()
    {
        using var folder = new TemporaryFolder();
        var before = FileHash.OfFile(Backbone.ModelPath);
        var tuned = Fit(Tuner(folder).With(Training with { Epochs = 30, LearningRate = row.LearningRate }));
        Assert.That(tuned.Adapter.Info.TrainableParameters, Is.EqualTo(row.TrainedParameters));
        Assert.That(tuned.Adapter.Tensors.Sum(t => t.Values.LongLength), Is.EqualTo(row.TrainedParameters));
        if (!row.IsSolved)
            Assert.That(tuned.Epochs[^1].Loss, Is.LessThan(0.9 * tuned.Epochs[0].Loss));
        Assert.That(tuned.Best.Metrics[row.Learns.Metric], Is.GreaterThan(row.Learns.Above), "better than guessing");
        Assert.That(FileHash.OfFile(Backbone.ModelPath), Is.EqualTo(before), "the backbone is frozen");
    }

    [Test]
    public void The_same_seed_gives_the_same_bits_and_another_seed_does_not()
    {
        using var folder = new TemporaryFolder();
        var first = Fit(Tuner(folder)).Adapter.Tensors;
        Assert.That(Fit(Tuner(folder)).Adapter.Tensors.Select(t => t.Values), Is.EqualTo(first.Select(t => t.Values)));
        var other = Fit(Tuner(folder).With(Training with { Seed = 5 })).Adapter.Tensors.Select(t => t.Values);
        Assert.That(other, row.IsSolved ? Is.EqualTo(first.Select(t => t.Values)) : Is.Not.EqualTo(first.Select(t => t.Values)), "a closed form has no chance in it");
    }

    [TestCase(1)]
    [TestCase(9)]
    [TestCase(20)]
    public void A_run_stopped_at_any_step_and_resumed_gives_the_same_bits(int stopAtStep)
    {
        using var folder = new TemporaryFolder();
        var undisturbed = Fit(Tuner(folder)).Adapter.Tensors;
        using var stop = new CancellationTokenSource();
        var progress = new Reports<TuningProgress>(p =>
        {
            if (p.Training?.Step == (row.IsSolved ? 1 : stopAtStep))
                stop.Cancel();
        });
        Assert.That(() => Fit(Tuner(folder).SaveIn(folder["run"]), progress, stop.Token), Throws.InstanceOf<OperationCanceledException>());

        var resumed = Fit(Tuner(folder).SaveIn(folder["run"], resume: true));
        resumed.Save(folder["run"]);
        Assert.That(resumed.Adapter.Tensors.Select(t => t.Values), Is.EqualTo(undisturbed.Select(t => t.Values)));
        Assert.That(resumed.Epochs, Has.Count.EqualTo(row.IsSolved ? 1 : 3));
        Assert.That(File.ReadLines(folder["run/metrics.jsonl"]).Count(), Is.EqualTo(resumed.Epochs.Count));
        Assert.That(Directory.Exists(folder["run/checkpoint"]), Is.False);
    }

    [Test]
    public void A_saved_adapter_answers_as_the_cache_did()
    {
        using var folder = new TemporaryFolder();
        var tuned = Fit(Tuner(folder).With(Features with { DType = FeatureDType.Fp32 }));
        tuned.Save(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"]);
        var live = predictor.Evaluate(Dev);
        Assert.That(live.Task, Is.EqualTo(tuned.Dev.Task));
        Assert.That(live.Metrics.Values.Keys, Is.EqualTo(tuned.Dev.Metrics.Values.Keys));
        Assert.That(live.Metrics.Values.Values, Is.EqualTo(tuned.Dev.Metrics.Values.Values).Within(1e-4));
        Assert.That(live.Predictions.Select(p => p.Score), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Score)).Within(1e-4));
        Assert.That(live.Predictions.SelectMany(p => p.Scores.Values), Is.EqualTo(tuned.Dev.Predictions.SelectMany(p => p.Scores.Values)).Within(1e-4));
        Assert.That(live.Predictions.Select(p => p.Words?.Select(w => w.Tag)), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Words?.Select(w => w.Tag))));
        Assert.That(predictor.Predict("", Dev[0].TextPair is null ? null : "").Label, Is.Not.Null, "an empty text is a text");
    }

    [Test]
    public void Padding_and_company_do_not_change_an_answer()
    {
        using var folder = new TemporaryFolder();
        Fit(Tuner(folder)).Save(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"]);
        var pair = Dev[0].TextPair is null ? null : "money";
        var alone = predictor.Predict("free prize", pair);
        Example[] company = [new() { Id = "1", Text = "free prize", TextPair = pair }, new() { Id = "2", Text = string.Join(' ', Enumerable.Repeat("meeting in the room", 8)), TextPair = pair }];
        Assert.That(predictor.Predict(company).First().Score, Is.EqualTo(alone.Score).Within(1e-4));
    }
}
