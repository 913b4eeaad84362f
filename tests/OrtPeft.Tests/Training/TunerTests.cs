namespace OrtPeft.Tests;

/// <summary>Laws that every method keeps, row by row: the conformance table grows with each method.</summary>
[TestFixtureSource(nameof(Rows))]
sealed class TunerTests(MethodOptions method, long trainedParameters)
{
    /// <summary>Method and its trained values on the tiny backbone with two labels, from its formula.</summary>
    static IEnumerable<TestFixtureData> Rows()
    {
        const int D = 32, F = 64, Labels = 2;
        yield return new TestFixtureData(new LinearProbeOptions(), Labels * (D + 1)).SetArgDisplayNames("linear-probe mean");
        yield return new TestFixtureData(new LinearProbeOptions { Pooling = PoolingKind.Cls }, Labels * (D + 1)).SetArgDisplayNames("linear-probe cls");
        yield return YTuningRow("y-tuning", new YTuningOptions());
        yield return YTuningRow("y-tuning cross-entropy", new YTuningOptions { Loss = YTuningLoss.CrossEntropy, TaskName = "mail" });
        yield return YTuningRow("y-tuning post-norm, two layers", new YTuningOptions { Norm = NormPlacement.Post, Layers = 2, Dropout = 0 });
        yield return YTuningRow("y-tuning three vectors a label, max", new YTuningOptions { VectorsPerLabel = 3, LabelPooling = LabelPooling.Max });

        static TestFixtureData YTuningRow(string name, YTuningOptions options)
        {
            var count = options.Layers * (8 * D * D + 2 * D * F + F + 15 * D) + (1 + Labels * options.VectorsPerLabel) * D + (options.Norm == NormPlacement.Pre ? 2 * D : 0);
            return new TestFixtureData(options with { FeedForward = F }, count).SetArgDisplayNames(name);
        }
    }

    static readonly Backbone Backbone = Tiny.Backbone();
    static readonly FeatureOptions Features = new() { MaxLength = 16 };
    static readonly TrainingOptions Training = new() { Epochs = 3, BatchSize = 8, LearningRate = 5e-3, Seed = 4 };

    Tuner Tuner(TemporaryFolder folder) => OrtPeft.Tuner.For(Backbone).With(method).With(Features).With(Training).With(new ExecutionOptions { Threads = 2 }).CacheIn(folder["features"]);

    static TunedModel Fit(Tuner tuner, IProgress<TuningProgress>? progress = null, CancellationToken cancellationToken = default) =>
        tuner.FitAsync(Tiny.Mails(60), Tiny.Mails(30, seed: 1), progress, cancellationToken).GetAwaiter().GetResult();

    [Test]
    public void Trains_as_many_values_as_its_formula_says_and_learns()
    {
        using var folder = new TemporaryFolder();
        var before = FileHash.OfFile(Backbone.ModelPath);
        var tuned = Fit(Tuner(folder).With(Training with { Epochs = 30 }));
        Assert.That(tuned.Adapter.Info.TrainableParameters, Is.EqualTo(trainedParameters));
        Assert.That(tuned.Adapter.Tensors.Sum(t => t.Values.LongLength), Is.EqualTo(trainedParameters));
        Assert.That(tuned.Epochs[^1].Loss, Is.LessThan(0.85 * tuned.Epochs[0].Loss));
        Assert.That(tuned.Best.Metrics["accuracy"], Is.GreaterThan(2.0 / 3), "better than always ham");
        Assert.That(tuned.ForwardPassesSaved, Is.EqualTo(90 * 30 - tuned.Features.Computed));
        Assert.That(FileHash.OfFile(Backbone.ModelPath), Is.EqualTo(before), "the backbone is frozen");
    }

    [Test]
    public void The_same_seed_gives_the_same_bits_and_another_seed_does_not()
    {
        using var folder = new TemporaryFolder();
        var first = Fit(Tuner(folder)).Adapter.Tensors;
        Assert.That(Fit(Tuner(folder)).Adapter.Tensors.Select(t => t.Values), Is.EqualTo(first.Select(t => t.Values)));
        Assert.That(Fit(Tuner(folder).With(Training with { Seed = 5 })).Adapter.Tensors.Select(t => t.Values), Is.Not.EqualTo(first.Select(t => t.Values)));
    }

    [TestCase(1)]
    [TestCase(9)]
    [TestCase(15)]
    [TestCase(20)]
    public void A_run_stopped_at_any_step_and_resumed_gives_the_same_bits(int stopAtStep)
    {
        using var folder = new TemporaryFolder();
        var undisturbed = Fit(Tuner(folder)).Adapter.Tensors;
        using var stop = new CancellationTokenSource();
        var progress = new Reports(p =>
        {
            if (p.Training?.Step == stopAtStep)
                stop.Cancel();
        });
        Assert.That(() => Fit(Tuner(folder).SaveIn(folder["run"]), progress, stop.Token), Throws.InstanceOf<OperationCanceledException>());

        var resumed = Fit(Tuner(folder).SaveIn(folder["run"], resume: true));
        resumed.Save(folder["run"]);
        Assert.That(resumed.Adapter.Tensors.Select(t => t.Values), Is.EqualTo(undisturbed.Select(t => t.Values)));
        Assert.That(resumed.Epochs, Has.Count.EqualTo(3));
        Assert.That(File.ReadLines(folder["run/metrics.jsonl"]).Count(), Is.EqualTo(3));
        Assert.That(Directory.Exists(folder["run/checkpoint"]), Is.False);
    }

    [Test]
    public void A_saved_adapter_answers_as_the_cache_did()
    {
        using var folder = new TemporaryFolder();
        var tuned = Fit(Tuner(folder).With(Features with { DType = FeatureDType.Fp32 }));
        tuned.Save(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"]);
        var live = predictor.Evaluate(Tiny.Mails(30, seed: 1));
        Assert.That(live.Predictions.Select(p => p.Label), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Label)));
        Assert.That(live.Predictions.Select(p => p.Score), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Score)).Within(1e-5));
        Assert.That(live.Metrics.MacroF1, Is.EqualTo(tuned.Best.Metrics["macroF1"]).Within(1e-12));
        var one = predictor.Predict("");
        Assert.That(one.Scores.Values.Sum(), Is.EqualTo(1).Within(1e-5), "an empty text is a text");
    }

    [Test]
    public void Padding_and_company_do_not_change_an_answer()
    {
        using var folder = new TemporaryFolder();
        Fit(Tuner(folder)).Save(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"]);
        var alone = predictor.Predict("free prize");
        Example[] company = [new() { Id = "1", Text = "free prize" }, new() { Id = "2", Text = string.Join(' ', Enumerable.Repeat("meeting in the room", 8)) }];
        Assert.That(predictor.Predict(company).First().Score, Is.EqualTo(alone.Score).Within(1e-5));
    }
}
