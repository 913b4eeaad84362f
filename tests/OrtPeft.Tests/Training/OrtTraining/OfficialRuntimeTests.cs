namespace OrtPeft.Tests;

/// <summary>Our artifacts in ONNX Runtime's own training runtime, against the graph engine on the same batches.</summary>
sealed class OfficialRuntimeTests
{
    const int Steps = 100, Batches = 10;
    const double Limit = 1e-5;

    static readonly Dictionary<string, Case> Cases = new[]
    {
        new Case("linear"), new Case("mlp"), new Case("y-tuning"), new Case("y-tuning-cross-entropy"), new Case("y-tuning-max-pooling"),
        new Case("mlp", Clip: 0.3), new Case("y-tuning", Clip: 0.3), new Case("linear", "sgd"), new Case("mlp", "sgd", 0.3),
        new Case("y-tuning", "sgd", Dropout: 0.5),
    }.ToDictionary(c => c.ToString());

    static readonly Lazy<Dictionary<string, WebAnswer>> Answers = new(() =>
    {
        using var folder = new TemporaryFolder();
        var jobs = Cases.Values.Select((c, i) => c.Job(folder[$"{i}"])).ToArray();
        return Cases.Keys.Zip(OnnxRuntimeWeb.Train(jobs)).ToDictionary(p => p.First, p => p.Second);
    });

    static IEnumerable<string> Names => Cases.Where(c => c.Value.Dropout == 0).Select(c => c.Key);

    [TestCaseSource(nameof(Names))]
    public void A_hundred_steps_end_where_the_graph_engine_ends(string name)
    {
        var (head, web) = (Cases[name].Head, Answer(name));
        using var engine = new GraphEngine(head.Tunable, head.Width, head.Labels, Cases[name].Options, new ExecutionOptions { Threads = 1 });
        using var held = head.Batch(-1);
        var before = engine.Evaluate(held);
        Assert.That(web.Before!["loss"][0], Is.EqualTo(before.Loss).Within(Limit));
        Assert.That(web.Before["scores"], Is.EqualTo(before.Scores).Within(Limit));

        double worstLoss = 0;
        for (var step = 0; step < Steps; step++)
        {
            using var batch = head.Batch(step);
            worstLoss = Math.Max(worstLoss, Math.Abs(engine.Train(batch, OnnxRuntimeWeb.LearningRate) - web.Losses![step]));
        }
        Assert.That(worstLoss, Is.LessThan(Limit), "losses");
        var expected = engine.Read().Values.SelectMany(t => t.Values).ToArray();
        Assert.That(web.Parameters, Has.Length.EqualTo(expected.Length));
        var worst = expected.Zip(web.Parameters!, (a, b) => Math.Abs(a - b)).Max();
        var moved = expected.Zip(head.Tunable.Tensors.SelectMany(t => t.Values), (a, b) => Math.Abs(a - b)).Max();
        TestContext.Out.WriteLine($"{name}: {expected.Length} parameters moved by up to {moved:F3}; largest difference {worst:E1}, of losses {worstLoss:E1}");
        Assert.That(worst, Is.LessThan(Limit));
        Assert.That(moved, Is.GreaterThan(100 * Limit));
        Assert.That(web.After!["loss"][0], Is.EqualTo(engine.Evaluate(held).Loss).Within(10 * Limit));
    }

    [Test]
    public void Dropout_draws_a_new_mask_every_step_and_none_when_evaluating()
    {
        var name = Cases.Keys.Except(Names).Single();
        var (head, web) = (Cases[name].Head, Answer(name));
        using var engine = new GraphEngine(head.Tunable, head.Width, head.Labels, Cases[name].Options, new ExecutionOptions { Threads = 1 });
        using var held = head.Batch(-1);
        Assert.That(web.Before!["scores"], Is.EqualTo(engine.Evaluate(held).Scores).Within(Limit));
        var repeated = web.Losses!.Take(Steps - Batches).Zip(web.Losses!.Skip(Batches), (a, b) => Math.Abs(a - b));
        Assert.That(repeated.Average(), Is.GreaterThan(0.05), "losses of the same batch: the parameters hardly move, the masks do");
    }

    static WebAnswer Answer(string name)
    {
        Assert.That(Answers.Value[name].Error, Is.Null);
        return Answers.Value[name];
    }

    sealed record Case(string HeadName, string Optimizer = "adamw", double Clip = 0, double Dropout = 0)
    {
        internal RandomHead Head => RandomHead.Create(HeadName, Dropout);

        internal TrainingOptions Options => new() { Optimizer = Optimizer, WeightDecay = Optimizer == "sgd" ? 0 : 0.01, Clip = Clip };

        /// <summary>Writes the artifacts into <paramref name="folder"/>.</summary>
        internal WebJob Job(string folder)
        {
            var head = Head;
            ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, ArtifactOptimizer.Of(Options)).Save(folder);
            return new WebJob(folder, Steps, [.. Enumerable.Range(0, Batches).Select(ForWeb)], ForWeb(-1));

            WebBatch ForWeb(int number)
            {
                using var batch = head.Batch(number);
                return RandomHead.ForWeb(batch);
            }
        }

        public override string ToString() => $"{HeadName}, {Optimizer}{(Clip > 0 ? ", clipped" : "")}{(Dropout > 0 ? ", dropout" : "")}";
    }
}
