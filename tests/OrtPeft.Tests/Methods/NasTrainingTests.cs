namespace OrtPeft.Tests;

/// <summary>Searching, pruning and training again, from texts to a saved adapter.</summary>
[Parallelizable(ParallelScope.Self)]
sealed class NasTrainingTests
{
    const int Head = 2 * 33;

    static readonly Backbone Backbone = Tiny.Backbone();

    static readonly TrainingOptions Training = new() { Epochs = 2, BatchSize = 8, LearningRate = 5e-3, Seed = 4 };

    static IEnumerable<TestCaseData> Methods =>
    [
        new TestCaseData(new NasBitFitOptions { Budget = "200" }, 192).SetArgDisplayNames("S-BitFit"),
        new TestCaseData(new NasBitFitOptions { Budget = "0.5%", Unit = SearchUnit.Unstructured, Score = ImportanceKind.Absolute }, (int)(Backbone.Parameters / 200)).SetArgDisplayNames("U-BitFit"),
        new TestCaseData(new NasLoraOptions { Budget = "320", Rank = 4, Rounds = 2, SearchEpochs = 1, Targets = "q,v" }, 320).SetArgDisplayNames("S-LoRA in two rounds"),
        new TestCaseData(new NasLoraOptions { Budget = "321", Rank = 4, Unit = SearchUnit.Unstructured, Init = FactorInit.Standard }, 321).SetArgDisplayNames("U-LoRA"),
        new TestCaseData(new NasMixedOptions { Budget = "400", Rank = 4, Density = true, Unit = SearchUnit.Unstructured, Rounds = 3 }, 400).SetArgDisplayNames("mixed in three rounds"),
    ];

    [TestCaseSource(nameof(Methods))]
    public void The_adapter_holds_the_budget_and_answers_as_it_did_in_training(NasOptions method, int kept)
    {
        using var folder = new TemporaryFolder();
        var tuned = Fit(Tuner(folder, method).SaveIn(folder["run"]));
        tuned.Save(folder["run"]);
        Assert.That(tuned.Adapter.Info.TrainableParameters, Is.EqualTo(kept + Head));
        Assert.That(tuned.Stages, Has.Count.EqualTo(method.Rounds));

        var adapter = Adapter.Load(folder["run"]);
        Assert.That(adapter.Tensors.Sum(t => t.Count), Is.EqualTo(kept + Head));
        using var predictor = Predictor.Load(folder["run"], Backbone.Path);
        var dev = Tiny.Mails(30, 1);
        var answers = predictor.Predict(dev);
        Assert.That(answers.Zip(tuned.Dev.Predictions, (a, b) => Math.Abs(a.Scores["spam"] - b.Scores["spam"])), Is.All.LessThan(2e-3));
        Assert.That(adapter.Method.CountParameters(Backbone, new ClassificationTask(["ham", "spam"])), Is.EqualTo(kept + Head));
        Assert.That(method.CountParameters(Backbone, new ClassificationTask(["ham", "spam"])), Is.InRange(kept + Head, kept + Head + 8), "what is promised before");
    }

    [Test]
    public void Several_budgets_share_one_search_and_the_last_is_the_result()
    {
        using var folder = new TemporaryFolder();
        var tuned = Fit(Tuner(folder, new NasBitFitOptions { Budgets = "64,128,256" }).SaveIn(folder["run"]));
        tuned.Save(folder["run"]);
        Assert.That(Directory.GetDirectories(folder["run/stages"]).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "1-search", "2-budget-64", "3-budget-128" }));
        var results = BudgetResult.Of(tuned);
        Assert.That(results.Select(r => r.Budget), Is.EqualTo(new[] { "64", "128", "256", null }));
        Assert.That(results.Select(r => r.Kept), Is.EqualTo(new[] { 64, 128, 256, 864 }));
        Assert.That(tuned.Adapter.Method.PicturesOf(tuned).Select(p => p.Title), Is.EqualTo(new[] { "Which biases are trained", "What a budget is worth" }));

        var alone = Fit(Tuner(folder, new NasBitFitOptions { Budget = "128" }));
        Assert.That(Adapter.Load(folder["run/stages/3-budget-128"]).Tensors.Select(t => t.Values), Is.EqualTo(alone.Adapter.Tensors.Select(t => t.Values)), "as if it had been the only one");
    }

    [Test]
    public void A_run_stopped_in_any_stage_and_resumed_gives_the_same_bits([Values(3, 9, 14, 20, 30)] int stopAt)
    {
        using var folder = new TemporaryFolder();
        var tuner = Tuner(folder, new NasLoraOptions { Budget = "500", Rank = 2, Unit = SearchUnit.Unstructured });
        var undisturbed = Fit(tuner);
        using var stop = new CancellationTokenSource();
        var steps = 0;
        var stopper = new Reports<TuningProgress>(p =>
        {
            if (p.Training is { Step: > 0, Finished: null } && ++steps == stopAt)
                stop.Cancel();
        });
        Assert.That(() => Fit(tuner.SaveIn(folder["run"]), stopper, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        var resumed = Fit(tuner.SaveIn(folder["run"], resume: true));
        Assert.That(resumed.Adapter.Tensors.Select(t => t.Values), Is.EqualTo(undisturbed.Adapter.Tensors.Select(t => t.Values)));
    }

    /// <summary>Two rounds of one epoch and the training of two, of 60 mails in batches of 8; stages that were finished before count as they did then.</summary>
    [Test]
    public void Time_and_epochs_are_those_of_all_stages()
    {
        using var folder = new TemporaryFolder();
        var tuner = Tuner(folder, new NasLoraOptions { Budget = "320", Rank = 4, Rounds = 2, SearchEpochs = 1, Targets = "q,v" });
        var plan = tuner.PlanAsync(Tiny.Mails(60), Tiny.Mails(30, 1)).GetAwaiter().GetResult();
        Assert.That((plan.Epochs, plan.Steps), Is.EqualTo((4, 4L * 8)));
        Assert.That(plan.TrainSeconds, Is.EqualTo(plan.Steps * plan.StepSeconds).And.Positive);

        var tuned = Fit(tuner.SaveIn(folder["run"]));
        Assert.That(tuned.TrainEpochs, Is.EqualTo(4));
        Assert.That(tuned.Stages.Select(s => s.Epochs), Is.EqualTo(new[] { 1, 1 }));
        Assert.That(tuned.Stages.Select(s => s.Seconds), Is.All.Positive);
        Assert.That(tuned.TrainSeconds, Is.GreaterThan(tuned.Stages.Sum(s => s.Seconds)));

        // The result is gone, its stages are not.
        var again = Fit(tuner.SaveIn(folder["run"], resume: true));
        Assert.That(again.Stages.Select(s => s.Seconds), Is.EqualTo(tuned.Stages.Select(s => s.Seconds)));
        Assert.That(again.TrainEpochs, Is.EqualTo(4));
    }

    /// <summary>A solved head makes no epoch; norms and maps are trained for the epochs of the run.</summary>
    [Test]
    public void A_plan_knows_stages_of_other_methods()
    {
        using var folder = new TemporaryFolder();
        var solved = Tuner(folder, new TtcOptions { Channels = 3, Head = HeadStart.LogisticRegression });
        var plan = solved.PlanAsync(Tiny.Mails(60), Tiny.Mails(30, 1)).GetAwaiter().GetResult();
        Assert.That((plan.Epochs, plan.Steps), Is.EqualTo((4, 4L * 8)));
        Assert.That(Fit(solved).TrainEpochs, Is.EqualTo(4));

        var probe = Tuner(folder, new TtcOptions { Channels = 3, Head = HeadStart.LinearProbe }).PlanAsync(Tiny.Mails(60), Tiny.Mails(30, 1)).GetAwaiter().GetResult();
        // The probe has epochs and batches of its own: 60 of 32.
        Assert.That((probe.Epochs, probe.Steps), Is.EqualTo((60 + 4, 60L * 2 + 4 * 8)));
    }

    [Test]
    public void A_finding_that_is_no_ascending_list_is_refused()
    {
        var options = new NasBitFitOptions { Unit = SearchUnit.Unstructured };
        foreach (var places in new long[][] { [3, 2], [-1], [32], [5, 5] })
        {
            var damaged = TinySearch.Kept(options, [new PlaceSet("layer.0.attention.q.bias.delta.kept", places)]);
            Assert.That(() => damaged.Apply(Backbone, ["a", "b"], seed: 0), Throws.TypeOf<OrtPeftException>().With.Message.Contains("damaged"));
        }
        Assert.That(() => (options with { Found = new Finding([], [new PlaceSet("layer.0.attention.q.bias.delta.kept", [1])]) }).Apply(Backbone, ["a", "b"], seed: 0),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("no found number 'seed'"));
    }

    static Tuner Tuner(TemporaryFolder folder, MethodOptions method) => OrtPeft.Tuner.For(Backbone).With(method).With(new FeatureOptions { MaxLength = 16 }).With(Training)
        .With(new ExecutionOptions { Threads = 2 }).CacheIn(folder["features"]);

    static TunedModel Fit(Tuner tuner, IProgress<TuningProgress>? progress = null, CancellationToken cancellationToken = default) =>
        tuner.FitAsync(Tiny.Mails(60), Tiny.Mails(30, 1), progress, cancellationToken).GetAwaiter().GetResult();
}
