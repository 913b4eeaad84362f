namespace OrtPeft.Tests;

/// <summary>Artifacts trained on stock ONNX Runtime end where the graph engine ends; runs over them are resumed bit for bit.</summary>
sealed class ArtifactsEngineTests
{
    static readonly ExecutionOptions Execution = new() { Threads = 1 };
    static readonly string[] Official = OfficialArtifacts.Names;

    [TestCase("linear", "adamw", 0)]
    [TestCase("mlp", "adamw", 0.3)]
    [TestCase("mlp", "sgd", 0)]
    [TestCase("y-tuning", "adamw", 0.3)]
    public void A_hundred_steps_end_where_the_graph_engine_ends(string name, string optimizer, double clip)
    {
        var head = RandomHead.Create(name);
        var options = new TrainingOptions { Optimizer = optimizer, WeightDecay = optimizer == "sgd" ? 0 : 0.01, Clip = clip };
        using var graph = new GraphEngine(head.Tunable, head.Width, head.Labels, options, Execution);
        using var engine = Engine(head, ArtifactOptimizer.Of(options));
        for (var step = 0; step < 100; step++)
        {
            using var batch = head.Batch(step);
            Assert.That(engine.Train(batch, 1e-3), Is.EqualTo(graph.Train(batch, 1e-3)).Within(1e-5));
        }
        foreach (var (a, b) in engine.Read().Values.Zip(graph.Read().Values))
            Assert.That(a.Values, Is.EqualTo(b.Values).Within(1e-5), a.Name);
        using var held = head.Batch(-1);
        Assert.That(engine.Evaluate(held).Scores, Is.EqualTo(graph.Evaluate(held).Scores).Within(1e-4));
    }

    [Test]
    public void Written_state_goes_on_bit_for_bit()
    {
        var head = RandomHead.Create("mlp");
        var optimizer = new ArtifactOptimizer { Clip = 0.5f };
        using var whole = Engine(head, optimizer);
        using var first = Engine(head, optimizer);
        using var second = Engine(head, optimizer);
        Train(whole, 0, 20);
        Train(first, 0, 9);
        second.Write(first.Read());
        Train(second, 9, 20);
        Assert.That(second.Step, Is.EqualTo(20));
        Assert.That(second.Read().Values.SelectMany(t => t.Values), Is.EqualTo(whole.Read().Values.SelectMany(t => t.Values)));

        void Train(ArtifactsEngine engine, int from, int to)
        {
            for (var step = from; step < to; step++)
            {
                using var batch = head.Batch(step);
                engine.Train(batch, 1e-3);
            }
        }
    }

    [TestCaseSource(nameof(Official))]
    public void Official_artifacts_are_a_method_whose_graph_gives_their_scores(string name)
    {
        using var official = new OfficialArtifacts(name);
        var artifacts = OrtArtifacts.Load(official.Folder);
        var tunable = ArtifactsHead.Graph(artifacts, PoolingKind.Mean, 32, ["a", "b", "c"]);
        Assert.That(tunable.Tensors.Select(t => t.Name), Is.EqualTo(artifacts.Trainable.Select(t => t.Name)));
        using var held = HeldBatch(official, tunable.View);
        using var engine = new ArtifactsEngine(artifacts, new StockTrainingSession(artifacts, Execution));
        using var graph = new GraphEngine(tunable, 32, 3, new TrainingOptions { WeightDecay = 0 }, Execution);
        foreach (var (loss, scores) in new[] { engine.Evaluate(held), graph.Evaluate(held) })
        {
            Assert.That(loss, Is.EqualTo(official.Read("held.loss_before")[0]).Within(1e-6));
            Assert.That(scores, Is.EqualTo(official.Read("held.logits_before")).Within(1e-5));
        }
    }

    [Test]
    public void Artifacts_for_other_features_or_labels_are_refused()
    {
        using var official = new OfficialArtifacts("linear-adamw");
        var artifacts = OrtArtifacts.Load(official.Folder);
        Assert.That(() => ArtifactsHead.Graph(artifacts, PoolingKind.Mean, 384, ["a", "b", "c"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("features of width 32; the backbone's have 384"));
        Assert.That(() => ArtifactsHead.Graph(artifacts, PoolingKind.Mean, 32, ["a", "b"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("score 3 labels; the data have 2: a, b"));
        var ours = artifacts with { Checkpoint = artifacts.Checkpoint with { Properties = new Dictionary<string, object> { ["labels"] = """["c","b","a"]""" } } };
        Assert.That(() => ArtifactsHead.Graph(ours, PoolingKind.Mean, 32, ["a", "b", "c"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("their labels are c, b, a; the data have a, b, c"));
    }

    [TestCase("mlp-adamw")]
    [TestCase("ytuning-adamw")]
    public async Task A_tuner_trains_official_artifacts_and_a_predictor_answers_with_them(string name)
    {
        using var official = new OfficialArtifacts(name);
        using var folder = new TemporaryFolder();
        string[] labels = ["ham", "other", "spam"];
        var mails = TextData.FromExamples(Tiny.Mails(90).Select((m, i) => m with { Label = i % 5 == 4 ? "other" : m.Label }));
        var method = new ArtifactsOptions { Folder = official.Folder }.Resolve();
        var tuned = await Tuner.For(Tiny.Backbone()).With(method).With(new TrainingOptions { Epochs = 2, LearningRate = 5e-3 }).With(new FeatureOptions { MaxLength = 32 })
            .CacheIn(folder["features"]).FitAsync(mails);
        Assert.That(tuned.Adapter.Info.Labels, Is.EqualTo(labels));
        Assert.That(tuned.Training.Clip, Is.EqualTo(name == "mlp-adamw" ? 0.5 : 0), "the artifacts' own");
        Assert.That(tuned.Epochs[1].Loss, Is.LessThan(tuned.Epochs[0].Loss));
        Assert.That(tuned.Adapter.Tensors.Select(t => t.Name), Has.None.EqualTo("dense.weight"), "frozen");
        tuned.Save(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"], Tiny.ModelFolder);
        var answer = predictor.Predict("free prize money");
        var export = AdapterExport.Open(folder["adapter"], Tiny.ModelFolder);
        Assert.That(export.ToOrtTraining(folder["artifacts"]).MaxAbsError, Is.LessThan(1e-4));
        Assert.That(export.ToOnnx(folder["onnx"]).MaxAbsError, Is.LessThan(1e-4));
        Assert.That(answer.Scores.Keys, Is.EqualTo(labels));
    }

    [Test]
    public void Without_the_training_runtime_one_message_names_the_package()
    {
        Assert.That(OrtTrainingRuntime.IsAvailable, Is.False, "this build has the inference library only");
        Assert.That(() => new TrainingOptions { Engine = "ort-training" }.Resolve(new LinearProbeOptions().Defaults(10)),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("no training runtime").And.Message.Contains("Microsoft.ML.OnnxRuntime.Training 1.19.2").And.Message.Contains("--engine graph"));
    }

    static ArtifactsEngine Engine(RandomHead head, ArtifactOptimizer optimizer)
    {
        var artifacts = ArtifactBuilder.Build(head.Tunable, head.Width, head.Labels, optimizer);
        return new ArtifactsEngine(artifacts, new StockTrainingSession(artifacts, Execution));
    }

    /// <summary>The held batch as a feature batch; where the fixture pads with 7, padding is 0 here, which must not matter.</summary>
    static FeatureBatch HeldBatch(OfficialArtifacts official, FeatureView view)
    {
        var (features, labels) = (official.Read("held.features"), official.ReadInt64s("held.labels"));
        var mask = view == FeatureView.Tokens ? official.ReadInt64s("held.mask") : [.. labels.Select(_ => 1L)];
        var length = mask.Length / labels.Length;
        var batch = new FeatureBatch([.. Enumerable.Range(0, labels.Length)], length, 32, view);
        for (var row = 0; row < labels.Length; row++)
            batch.SetExample(row, features.AsSpan(row * length * 32, 32 * (int)mask.Skip(row * length).Take(length).Sum()));
        labels.CopyTo(batch.Labels);
        return batch;
    }
}
