namespace OrtPeft.Tests;

/// <summary>Methods that are trained in stages: stopped anywhere and resumed they give the same bits, and what is finished is not done again.</summary>
[Parallelizable(ParallelScope.Self)]
sealed class StagedRunTests
{
    const int Epochs = 3, StepsPerStage = 3 * 8;

    static readonly Backbone Backbone = Tiny.Backbone();

    static Tuner Tuner(TemporaryFolder folder) => OrtPeft.Tuner.For(Backbone).With(new TtcOptions { Channels = 5 }).With(new FeatureOptions { MaxLength = 16 })
        .With(new TrainingOptions { Epochs = Epochs, BatchSize = 8, LearningRate = 5e-3, Seed = 4 }).With(new ExecutionOptions { Threads = 2 }).CacheIn(folder["features"]);

    [Test]
    public void Stopped_anywhere_and_resumed_it_gives_the_same_bits([Values(1, 119, 120, 121, 130, 144, 145, 160, 168)] int stopAt)
    {
        using var folder = new TemporaryFolder();
        var undisturbed = Fit(Tuner(folder), null, CancellationToken.None).Adapter;

        // 120 steps of the probe, 24 of the norms, 24 of the maps.
        using var stop = new CancellationTokenSource();
        var steps = 0;
        var stopper = new Reports<TuningProgress>(p =>
        {
            if (p.Training is { Step: > 0, Finished: null } && ++steps == stopAt)
                stop.Cancel();
        });
        Assert.That(() => Fit(Tuner(folder).SaveIn(folder["run"]), stopper, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Fit(Tuner(folder).SaveIn(folder["run"]), null, CancellationToken.None), Throws.TypeOf<OrtPeftException>().With.Message.Contains("holds an unfinished run"));
        var resumed = Fit(Tuner(folder).SaveIn(folder["run"], resume: true), null, CancellationToken.None).Adapter;
        AssertSame(resumed, undisturbed);
    }

    [Test]
    public void A_finished_stage_is_not_run_again()
    {
        using var folder = new TemporaryFolder();
        var first = Fit(Tuner(folder).SaveIn(folder["run"]), null, CancellationToken.None);
        first.Save(folder["run"]);
        var said = new List<string>();
        long steps = 0;
        var again = Fit(Tuner(folder).SaveIn(folder["run"]), new Reports<TuningProgress>(p =>
        {
            if (p.Notice is { } notice)
                said.Add(notice);
            steps += p.Training is { Finished: null } ? 1 : 0;
        }), CancellationToken.None);
        AssertSame(again.Adapter, first.Adapter);
        Assert.That(steps, Is.EqualTo(StepsPerStage), "steps of the last stage alone");
        Assert.That(said, Does.Contain("Stage 3 of 3: ttc.").And.None.Contains("Scoring"));
    }

    [Test]
    public void The_result_is_an_adapter_like_any_other()
    {
        using var folder = new TemporaryFolder();
        var tuned = Fit(Tuner(folder).SaveIn(folder["run"]), null, CancellationToken.None);
        tuned.Save(folder["run"]);
        var loaded = Adapter.Load(folder["run"]);
        AssertSame(loaded, tuned.Adapter);
        Assert.That(loaded.Info.Options.ToJsonString(), Does.Not.Contain("found").And.Contains("\"channels\":5"));
        // Seven norms of 32 in the reference's model, three maps of 5 channels, two labels.
        Assert.That(loaded.Info.TrainableParameters, Is.EqualTo(7 * 64 + 3 * 30 + 2 * 33));
        using var predictor = Predictor.Load(folder["run"], Tiny.ModelFolder);
        var mails = Tiny.Mails(30, seed: 1).ToArray();
        Assert.That(mails.Select(m => predictor.Predict(m.Text).Label), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Label)));
        Assert.That(AdapterExport.Open(folder["run"]).ToOnnx(folder["onnx"]).MaxAbsError, Is.LessThan(1e-5));
        Assert.That(() => AdapterExport.Open(folder["run"]).ToOnnxAdapter(folder["lora"]), Throws.TypeOf<OrtPeftException>());

        var damaged = loaded.Found! with { Places = [.. loaded.Found.Places.Select(p => p with { Indices = [.. p.Indices.Reverse()] })] };
        new Adapter(loaded.Info, loaded.Tensors, damaged).Save(folder["damaged"]);
        Assert.That(() => Predictor.Load(folder["damaged"], Tiny.ModelFolder), Throws.TypeOf<OrtPeftException>().With.Message.Contains("expected ascending numbers from 0 to 31"));
        new Adapter(loaded.Info, loaded.Tensors).Save(folder["lost"]);
        Assert.That(() => Predictor.Load(folder["lost"], Tiny.ModelFolder), Throws.TypeOf<OrtPeftException>().With.Message.Contains("lacks what ttc found out"));
    }

    [Test]
    public void What_was_observed_is_a_part_of_the_checkpoint([Values(1, 9, 17, 24)] int stopAt)
    {
        using var folder = new TemporaryFolder();
        var stage = new Stage("search")
        {
            Method = _ => throw new NotSupportedException(),
            Observe = (tunable, _) => new Products(tunable),
            Find = run => new Finding(run.Observed, []),
        };
        var undisturbed = Run(null, null, CancellationToken.None);
        Assert.That(undisturbed.Values.SelectMany(v => v.Values).Any(v => v != 0), Is.True);

        using var stop = new CancellationTokenSource();
        var stopper = new Reports<TuningProgress>(p =>
        {
            if (p.Training?.Step == stopAt)
                stop.Cancel();
        });
        Assert.That(() => Run(folder["run"], stopper, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        var resumed = Run(folder["run"], null, CancellationToken.None);
        Assert.That(resumed.Values.Select(v => v.Values), Is.EqualTo(undisturbed.Values.Select(v => v.Values)));

        Finding Run(string? place, IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
        {
            var tuner = Tuner(folder).With(new BitFitOptions()) with { Stage = stage, RunFolder = place, Resume = true };
            return new TuningRun(tuner, RunData.Of(tuner, Tiny.Mails(60), Tiny.Mails(30, seed: 1))).TrainAsync(progress, cancellationToken).GetAwaiter().GetResult().Adapter.Found!;
        }
    }

    /// <summary>Clipping comes after what is seen: gradients are those of the loss.</summary>
    [Test]
    public void An_observer_sees_values_and_gradients_before_the_update()
    {
        var fixture = EncoderFixtures.Table["bitfit"]();
        var backbone = fixture.Backbone("");
        var tunable = fixture.Apply(backbone);
        using var engine = new GraphEngine(tunable, 32, fixture.Reference.Labels, new TrainingOptions { Clip = 1e-3, WeightDecay = 0, LearningRate = 1e-3 }, new ExecutionOptions { Threads = 1 });
        using var batch = fixture.Batch(1, backbone, tunable);
        var seen = new Products(tunable);
        engine.Train(batch, 1e-3, seen);
        foreach (var tensor in tunable.Tensors.Where(t => !fixture.IsZero(t.Name)))
        {
            var expected = tensor.Values.Zip(fixture.Values("step1", "grad.", tensor.Name), (v, g) => v * g).ToArray();
            Assert.That(MethodFixture.RelativeError(seen.Result.Single(r => r.Name == tensor.Name).Values, expected), Is.LessThan(1e-4), tensor.Name);
        }
    }

    static TunedModel Fit(Tuner tuner, IProgress<TuningProgress>? progress, CancellationToken cancellationToken) =>
        tuner.FitAsync(Tiny.Mails(60), Tiny.Mails(30, seed: 1), progress, cancellationToken).GetAwaiter().GetResult();

    static void AssertSame(Adapter actual, Adapter expected)
    {
        Assert.That(actual.Tensors.Select(t => (t.Name, t.Values)), Is.EqualTo(expected.Tensors.Select(t => (t.Name, t.Values))));
        Assert.That(actual.Found!.Values.Select(t => (t.Name, t.Values)), Is.EqualTo(expected.Found!.Values.Select(t => (t.Name, t.Values))));
        Assert.That(actual.Found.Places.Select(p => (p.Name, p.Indices.ToArray())), Is.EqualTo(expected.Found.Places.Select(p => (p.Name, p.Indices.ToArray()))));
    }

    /// <summary>The sum of value times gradient over the steps of epoch 2.</summary>
    sealed class Products(TunableGraph tunable) : IStepObserver
    {
        readonly double[][] _sums = [.. tunable.Tensors.Select(t => new double[t.Values.Length])];

        public int Epoch => 2;

        public IReadOnlyList<TrainedTensor> Result => [.. tunable.Tensors.Zip(_sums, (t, sum) => t with { Values = [.. sum.Select(s => (float)s)] })];

        public void See(TrainingStep step)
        {
            for (var t = 0; t < _sums.Length; t++)
            {
                for (var i = 0; i < _sums[t].Length; i++)
                    _sums[t][i] += (double)step.Value(t)[i] * step.Gradient(t)[i];
            }
        }
    }
}
