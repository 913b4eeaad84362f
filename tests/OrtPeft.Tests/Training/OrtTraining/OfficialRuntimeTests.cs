namespace OrtPeft.Tests;

/// <summary>Our artifacts in ONNX Runtime's own training runtime, against the graph engine on the same batches.</summary>
sealed class OfficialRuntimeTests
{
    const int Steps = 100;
    const double Limit = 1e-5;

    static readonly string[] Names = RandomHead.Names;

    [TestCaseSource(nameof(Names))]
    public void A_hundred_AdamW_steps_end_where_the_graph_engine_ends(string name) => Train(name, "adamw", clip: 0);

    [TestCase("mlp", "adamw", 0.3)]
    [TestCase("y-tuning", "adamw", 0.3)]
    [TestCase("linear", "sgd", 0)]
    [TestCase("mlp", "sgd", 0.3)]
    public void So_does_every_optimizer_with_and_without_clipping(string name, string optimizer, double clip) => Train(name, optimizer, clip);

    [Test]
    public void Dropout_draws_a_new_mask_every_step_and_none_when_evaluating()
    {
        const double Rate = 0.5;
        var head = RandomHead.Create("y-tuning", Rate);
        using var batch = head.Batch(0);
        using var folder = new TemporaryFolder();
        ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, new ArtifactOptimizer { IsAdamW = false }).Save(folder["."]);
        var web = OnnxRuntimeWeb.Train(folder["."], 20, [RandomHead.ForWeb(batch)], RandomHead.ForWeb(batch));
        Assert.That(web.Error, Is.Null);
        using var engine = new GraphEngine(head.Tunable, head.Width, head.Labels, new TrainingOptions { WeightDecay = 0 }, new ExecutionOptions { Threads = 1 });
        Assert.That(web.Before!["scores"], Is.EqualTo(engine.Evaluate(batch).Scores).Within(Limit));
        Assert.That(web.Losses!.Zip(web.Losses!.Skip(1), (a, b) => Math.Abs(a - b)).Min(), Is.GreaterThan(1e-4), "the parameters hardly move; the masks do");
    }

    static void Train(string name, string optimizer, double clip)
    {
        var head = RandomHead.Create(name);
        var options = new TrainingOptions { Optimizer = optimizer, WeightDecay = optimizer == "sgd" ? 0 : 0.01, Clip = clip };
        using var engine = new GraphEngine(head.Tunable, head.Width, head.Labels, options, new ExecutionOptions { Threads = 1 });
        using var held = head.Batch(-1);
        var before = engine.Evaluate(held);
        var losses = new float[Steps];
        for (var step = 0; step < Steps; step++)
        {
            using var batch = head.Batch(step);
            losses[step] = engine.Train(batch, OnnxRuntimeWeb.LearningRate);
        }

        using var folder = new TemporaryFolder();
        ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, new ArtifactOptimizer { IsAdamW = optimizer == "adamw", WeightDecay = 0.01f, Clip = (float)clip }).Save(folder["."]);
        var batches = Enumerable.Range(0, 10).Select(i =>
        {
            using var batch = head.Batch(i);
            return RandomHead.ForWeb(batch);
        }).ToArray();
        var web = OnnxRuntimeWeb.Train(folder["."], Steps, batches, RandomHead.ForWeb(held));
        Assert.That(web.Error, Is.Null);

        Assert.That(web.Before!["loss"][0], Is.EqualTo(before.Loss).Within(Limit));
        Assert.That(web.Before["scores"], Is.EqualTo(before.Scores).Within(Limit));
        var worstLoss = losses.Zip(web.Losses!, (a, b) => Math.Abs(a - b)).Max();
        Assert.That(worstLoss, Is.LessThan(Limit), "losses");
        var expected = engine.Read().Values.SelectMany(t => t.Values).ToArray();
        Assert.That(web.Parameters, Has.Length.EqualTo(expected.Length));
        var worst = expected.Zip(web.Parameters!, (a, b) => Math.Abs(a - b)).Max();
        var moved = expected.Zip(head.Tunable.Tensors.SelectMany(t => t.Values), (a, b) => Math.Abs(a - b)).Max();
        TestContext.Out.WriteLine($"{name}, {optimizer}, clip {clip}: {expected.Length} parameters moved by up to {moved:F3}; largest difference {worst:E1}, of losses {worstLoss:E1}");
        Assert.That(worst, Is.LessThan(Limit));
        Assert.That(moved, Is.GreaterThan(100 * Limit));
        Assert.That(web.After!["loss"][0], Is.EqualTo(engine.Evaluate(held).Loss).Within(10 * Limit));
    }
}
