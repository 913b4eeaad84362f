namespace OrtPeft.Tests;

/// <summary>The scores of TTC against PyTorch, and what must hold of them.</summary>
sealed class TtcTests
{
    static IEnumerable<object[]> Cases => from position in Enum.GetValues<TtcPosition>() from exporter in new[] { "", "-dynamo" } select new object[] { position, exporter };

    [TestCaseSource(nameof(Cases))]
    public void Scores_and_channels_equal_the_reference(TtcPosition position, string exporter)
    {
        var (run, options) = (FirstStage(exporter), new TtcOptions { Position = position, Channels = 4 });
        var found = ChannelScores.Find(run, options);
        double worst = 0;
        foreach (var (layer, map) in TtcFixture.Places(position))
        {
            foreach (var (score, kind) in new[] { (TtcScore.Absolute, "abs"), (TtcScore.Squared, "squared"), (TtcScore.ClassBalanced, "abs_class_balanced") })
            {
                var own = ChannelScores.Of(found, score).Single(s => ChannelScores.PlaceOf(s.Name) == $"layer.{layer}.ttc.{map}");
                var error = MethodFixture.RelativeError(own.Values, TtcFixture.Scores($"{map}.{layer}", kind));
                Assert.That(error, Is.LessThan(1e-5), $"{own.Name}");
                worst = Math.Max(worst, error);
                if (score == TtcScore.Absolute)
                    Assert.That(ChannelScores.Best(own, 4).Indices, Is.EqualTo(TtcFixture.Index($"{map}.{layer}")), own.Name);
            }
        }
        TestContext.Out.WriteLine($"{position}{exporter}: largest relative error of a score {worst:E1}");
    }

    /// <summary>A loss that is the sum over examples does not know how they were batched.</summary>
    [Test]
    public void Scores_do_not_depend_on_threads()
    {
        var run = FirstStage("");
        var one = ChannelScores.Find(run, new TtcOptions());
        var three = ChannelScores.Find(run with { Execution = new ExecutionOptions { Threads = 3 } }, new TtcOptions());
        Assert.That(three.Values.SelectMany(v => v.Values), Is.EqualTo(one.Values.SelectMany(v => v.Values)));
    }

    [Test]
    public void The_norm_of_a_channel_leaves_the_first_token_out()
    {
        var run = FirstStage("");
        var tunable = run.Tunable;
        string? tensor = null;
        var shown = tunable with { Encoder = tunable.Encoder!.ShownTo(scope => tensor = scope.Anatomy.Layers[1].AfterAttention) };
        var head = new HeadGraph(shown, 32, training: false);
        head.Builder.Output(tensor!, "f");
        using var session = shown.OpenSession(head.Builder.Build(), 1);
        var sums = new double[3, 32];
        for (var number = 0; number < run.Train.Count / 4; number++)
        {
            using var batch = run.Train.Batch([.. Enumerable.Range(4 * number, 4)]);
            var feeds = batch.Inputs().ToDictionary(i => i.Name, i => i.Value);
            foreach (var t in tunable.Tensors.Where(t => session.InputNames.Contains(t.Name)))
                feeds.Add(t.Name, Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(t.Values, [.. t.Shape]));
            using var options = new Microsoft.ML.OnnxRuntime.RunOptions();
            using var results = session.Run(options, feeds, ["f"]);
            var f = results[0].GetTensorDataAsSpan<float>();
            for (var i = 0; i < f.Length; i++)
            {
                var (row, token, channel) = (i / 32 / 17, i / 32 % 17, i % 32);
                if (token > 0)
                    sums[run.Train.Targets.Class(4 * number + row), channel] += (double)f[i] * f[i];
            }
            foreach (var value in feeds.Values)
                value.Dispose();
        }
        var expected = Enumerable.Range(0, 32).Select(c => (float)Enumerable.Range(0, 3).Average(k => Math.Sqrt(sums[k, c]))).ToArray();
        var own = ChannelScores.Of(ChannelScores.Find(run, new TtcOptions()), TtcScore.L2).Single(s => s.Name.StartsWith("layer.1.", StringComparison.Ordinal));
        Assert.That(MethodFixture.RelativeError(own.Values, expected), Is.LessThan(1e-5));
    }

    [Test]
    public void Equal_scores_choose_the_lower_channel()
    {
        var scores = new TrainedTensor("layer.0.ttc.attn.absolute", [5], [2, 3, 1, 3, 2]);
        Assert.That(ChannelScores.Best(scores, 3).Indices, Is.EqualTo(new long[] { 0, 1, 3 }));
        Assert.That(ChannelScores.Best(scores, 3).Name, Is.EqualTo("layer.0.ttc.attn.channels"));
    }

    [TestCase(new long[] { 1, 0, 2, 3 }, "expected ascending numbers")]
    [TestCase(new long[] { 0, 1, 2, 32 }, "expected ascending numbers from 0 to 31")]
    [TestCase(new long[] { -1, 1, 2, 3 }, "expected ascending numbers")]
    [TestCase(new long[] { 1, 2, 3 }, "are 3; expected 4")]
    public void Damaged_channels_are_refused(long[] places, string reason)
    {
        var found = new Finding([], [.. Enumerable.Range(0, 3).Select(l => new PlaceSet($"layer.{l}.ttc.attn.channels", places))]);
        var options = new TtcOptions { Stage = TtcStage.Second, Channels = 4, Found = found };
        Assert.That(() => options.Apply(EncoderFixtures.Table["ttc-first"]().Backbone(""), ["a", "b"], seed: 0), Throws.TypeOf<OrtPeftException>().With.Message.Contains(reason));
    }

    /// <summary>The reference's first stage as it ended, and its 20 images.</summary>
    static StageRun FirstStage(string exporter)
    {
        var fixture = EncoderFixtures.Table["ttc-first"]();
        var backbone = fixture.Backbone(exporter);
        var tunable = fixture.Apply(backbone);
        tunable = tunable with { Tensors = [.. tunable.Tensors.Select(t => t with { Values = fixture.Values("after5", "param.", t.Name) })] };
        return new StageRun(tunable, fixture.Reference.Task(), new FixtureSet(fixture, backbone, tunable), [], null, new TrainingOptions(), new ExecutionOptions { Threads = 1 },
            _ => throw new NotSupportedException(), _ => { }, CancellationToken.None);
    }

    /// <summary>The images of the reference's five batches, four in each.</summary>
    sealed class FixtureSet(EncoderFixture fixture, Backbone backbone, TunableGraph tunable) : TrainingSet(Labels(fixture, backbone, tunable))
    {
        internal override IReadOnlyList<int> Lengths { get; } = [.. Enumerable.Repeat(64, 20)];

        internal override int Width => 32;

        internal override TrainingBatch Batch(int[] examples)
        {
            Assert.That(examples, Is.EqualTo(Enumerable.Range(examples[0], 4)), "batches of the reference");
            return fixture.Batch(examples[0] / 4 + 1, backbone, tunable);
        }

        static Targets Labels(EncoderFixture fixture, Backbone backbone, TunableGraph tunable) => Targets.Of(Enumerable.Range(1, 5).SelectMany(number =>
        {
            using var batch = fixture.Batch(number, backbone, tunable);
            return batch.Targets.Classes.ToArray().Select(c => (int)c);
        }));
    }
}
