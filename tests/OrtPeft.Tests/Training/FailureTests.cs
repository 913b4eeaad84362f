namespace OrtPeft.Tests;

/// <summary>What goes wrong in training is stopped, named, and loses nothing.</summary>
sealed class FailureTests
{
    const int Width = 4;

    [Test]
    public void A_number_that_is_none_changes_no_value_and_is_named()
    {
        using var engine = Engine();
        using var good = Batch(1);
        using var bad = Batch(float.NaN);
        Assert.That(engine.Train(good, 0.1), Is.Not.NaN);
        var before = engine.Read().Values.Select(t => t.Values).ToArray();
        Assert.That(engine.Train(bad, 0.1), Is.NaN);
        Assert.That(engine.Read().Values.Select(t => t.Values), Is.EqualTo(before), "the last good state");
        Assert.That(engine.FirstNonFinite(bad), Is.EqualTo("frozen 'features' at element 5 (NaN)"));
    }

    [Test]
    public void A_gradient_that_overflows_is_named()
    {
        using var engine = Engine();
        using var huge = Batch(1e38f);
        huge.Features[1] = 1e38f; // one of the two labels must be wrong
        Assert.That(engine.Train(huge, 0.1), Is.NaN);
        Assert.That(engine.FirstNonFinite(huge), Does.StartWith("gradient of 'classifier.").Or.StartsWith("the loss"));
        Assert.That(NonFinite.First(engine.Read().Values), Is.Null);
    }

    [Test]
    public void The_loss_of_chance_is_the_entropy_of_the_labels()
    {
        var labels = new ClassificationTask(["a", "b"]);
        Assert.That(ChanceLoss.Of(labels, Targets.Of([0, 0, 0, 1])), Is.EqualTo(-0.75 * Math.Log(0.75) - 0.25 * Math.Log(0.25)).Within(1e-12));
        Assert.That(ChanceLoss.Of(labels with { LossOptions = new() { Name = "focal" } }, Targets.Of([0, 1])), Is.Null, "unknown for other losses");
        Assert.That(ChanceLoss.Of(new RegressionTask(3, 2), new(TargetKind.Values) { Values = [[1], [-1]] }), Is.EqualTo(1));
        Assert.That(ChanceLoss.Of(new MultiLabelTask(new(["a", "b"])), new(TargetKind.Values) { Values = [[1, 0], [0, 0]] }), Is.EqualTo(Math.Log(2) / 2).Within(1e-12));
    }

    [Test]
    public void A_head_that_does_not_learn_is_told_after_some_epochs()
    {
        using var folder = new TemporaryFolder();
        var notices = new List<string>();
        var tuner = Tuner.For(Tiny.Backbone()).With(new LinearProbeOptions()).With(new FeatureOptions { MaxLength = 16 }).CacheIn(folder["features"])
            .With(new TrainingOptions { Epochs = 4, LearningRate = 1e-9 });
        tuner.FitAsync(Tiny.Mails(60), Tiny.Mails(30, seed: 1), new Notices(notices.Add)).GetAwaiter().GetResult();
        Assert.That(notices, Has.One.Matches<string>(n => n.StartsWith("After 3 epochs the training loss is 0.", StringComparison.Ordinal) && n.Contains("learning rate (now 1E-09)", StringComparison.Ordinal)));
    }

    [Test]
    public void Balanced_weights_are_those_of_scikit_learn()
    {
        var task = new ClassificationTask(["a", "b"]);
        var data = TextData.FromExamples(new[] { "a", "a", "a", "b" }.Select((label, i) => new Example { Id = $"{i}", Text = "", Label = label, Weight = i == 0 ? 2 : 1 }));
        var targets = task.TargetsOf(data, null!);
        var (weighted, _) = Weights.Apply("balanced", task, (data, targets), (data, targets));
        Assert.That(weighted.ClassWeights, Is.EqualTo(new[] { 4f / (2 * 3), 4f / 2 }), "n / (K n_c)");
        Assert.That(Enumerable.Range(0, 4).Select(i => weighted.Weight(i, weighted.Class(i))), Is.EqualTo(new[] { 4f / 3, 2f / 3, 2f / 3, 2 }).Within(1e-6));
        Assert.That(() => Weights.Apply("balanced", new RegressionTask(0, 1), (data, targets), (data, targets)), Throws.TypeOf<OrtPeftException>().With.Message.Contains("no labels that could be weighed"));
    }

    [Test]
    public void Micro_batches_of_unequal_weight_give_the_step_of_the_whole_batch()
    {
        var whole = Step(threads: 1);
        var divided = Step(threads: 4);
        Assert.That(divided, Is.EqualTo(whole).Within(1e-6f));

        static float[] Step(int threads)
        {
            const int Rows = 700; // enough for several micro-batches
            var task = new ClassificationTask(["a", "b"]);
            var tunable = LinearProbe.Graph(new(), task, [.. OutputLayer.Tensors(task, Width, seed: 1)]) with { Weighted = true };
            using var engine = new GraphEngine(tunable, Width, 2, new TrainingOptions { Optimizer = "sgd", WeightDecay = 0, Clip = 0 }, new ExecutionOptions { Threads = threads });
            var targets = Targets.Of(Enumerable.Range(0, Rows).Select(i => i % 2)) with { ExampleWeights = [.. Enumerable.Range(0, Rows).Select(i => i < 300 ? 3f : 0.1f)] };
            using var batch = new FeatureBatch([.. Enumerable.Range(0, Rows)], 1, Width, FeatureView.Mean) { Targets = targets.Batch([.. Enumerable.Range(0, Rows)], 1) };
            var random = new CounterRandom(1, "x");
            foreach (ref var value in batch.Features)
                value = (float)random.NextNormal();
            var loss = engine.Train(batch, 0.5);
            return [loss, .. engine.Read().Values.SelectMany(t => t.Values)];
        }
    }

    static GraphEngine Engine()
    {
        var task = new ClassificationTask(["a", "b"]);
        var tunable = LinearProbe.Graph(new(), task, [.. OutputLayer.Tensors(task, Width, seed: 1)]);
        return new GraphEngine(tunable, Width, 2, new TrainingOptions { WeightDecay = 0 }, new ExecutionOptions { Threads = 1 });
    }

    /// <summary>Two examples; one number of the second is given.</summary>
    static FeatureBatch Batch(float number)
    {
        var batch = new FeatureBatch([0, 1], 1, Width, FeatureView.Mean);
        batch.Features.Fill(0.5f);
        batch.Features[5] = number;
        batch.Labels[1] = 1;
        return batch;
    }

    sealed class Notices(Action<string> take) : IProgress<TuningProgress>
    {
        public void Report(TuningProgress value)
        {
            if ((value.Notice ?? value.Training?.Notice) is { } notice)
                take(notice);
        }
    }
}
