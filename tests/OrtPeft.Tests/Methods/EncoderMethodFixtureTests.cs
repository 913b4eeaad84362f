using Microsoft.ML.OnnxRuntime;

namespace OrtPeft.Tests;

/// <summary>Every method inside the backbone against PyTorch and peft: scores, loss, every gradient, and the values after five AdamW steps, on both exporters' files.</summary>
[Parallelizable(ParallelScope.All)]
sealed class EncoderMethodFixtureTests
{
    const double Tolerance = 1e-4;

    static IEnumerable<object[]> All => EncoderFixtures.Table.Keys.SelectMany(name => new[] { "", "-dynamo" }.Select(exporter => new object[] { name, exporter }));

    [TestCaseSource(nameof(All))]
    public void First_step_equals_the_reference(string name, string exporter)
    {
        var fixture = EncoderFixtures.Table[name]();
        var backbone = fixture.Backbone(exporter);
        var tunable = fixture.Apply(backbone);
        Assert.That(tunable.Parameters, Is.EqualTo(fixture.Reference.Setup["trainable_parameter_count"]!.GetValue<long>()), "trained values");
        using var batch = fixture.Batch(1, backbone, tunable);
        var outputs = MethodFixtureTests.RunWithGradients(tunable, batch, tunable.Tensors.Select(t => t.Name), fixture.Reference.Labels);

        Assert.That(outputs["loss"][0], Is.EqualTo(fixture.Reference.Read("step1", "loss")[0]).Within(1e-5));
        Assert.That(MethodFixture.RelativeError(outputs["scores"], fixture.Reference.Read("step1", "logits")), Is.LessThan(1e-5), "scores");
        double worst = 0;
        foreach (var tensor in tunable.Tensors.Select(t => t.Name))
        {
            if (fixture.IsZero(tensor))
            {
                Assert.That(outputs[tensor], Is.All.EqualTo(0f).Within(1e-6), $"gradient of {tensor}");
                continue;
            }
            var error = MethodFixture.RelativeError(outputs[tensor], fixture.Values("step1", "grad.", tensor));
            Assert.That(error, Is.LessThan(Tolerance), $"gradient of {tensor}");
            worst = Math.Max(worst, error);
        }
        TestContext.Out.WriteLine($"{name} {exporter}: largest relative error of a gradient {worst:E1}");
    }

    /// <summary>Trained values of the reference, in the weights and beside them.</summary>
    [TestCaseSource(nameof(All))]
    public void Fused_equals_unfused(string name, string exporter)
    {
        var fixture = EncoderFixtures.Table[name]();
        var backbone = fixture.Backbone(exporter);
        var tunable = fixture.Apply(backbone);
        tunable = tunable with { Tensors = [.. tunable.Tensors.Select(t => t with { Values = fixture.Values("after5", "param.", t.Name) })], Forward = head => head.Features };
        using var batch = fixture.Batch(1, backbone, tunable);
        using var unfusedSession = tunable.OpenSession(HeadGraph.Inference(tunable, backbone.Hidden), 1);
        var unfused = Run(unfusedSession, batch, tunable.Tensors, HeadGraph.ScoresOutput);

        var (model, hidden, _) = tunable.Encoder!.Fused(tunable.Tensors);
        using var fusedSession = OrtSession.FromModel(model, 1);
        var all = Run(fusedSession, batch, [], hidden);
        var fused = all.Chunk(all.Length / batch.Size).SelectMany(row => row[..backbone.Hidden]).ToArray();
        var error = MethodFixture.RelativeError(fused, unfused);
        Assert.That(error, Is.LessThan(1e-5));
        TestContext.Out.WriteLine($"{name}{exporter}: largest relative error of the fused model {error:E1}");
    }

    static float[] Run(InferenceSession session, EncodedBatch batch, IReadOnlyList<TrainedTensor> tensors, string output)
    {
        var feeds = batch.Inputs().ToDictionary(i => i.Name, i => i.Value);
        foreach (var tensor in tensors.Where(t => session.InputNames.Contains(t.Name)))
            feeds.Add(tensor.Name, OrtValue.CreateTensorValueFromMemory(tensor.Values, [.. tensor.Shape]));
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, feeds, [output]);
        foreach (var value in feeds.Values)
            value.Dispose();
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    [TestCaseSource(nameof(All))]
    public void Five_AdamW_steps_equal_the_reference(string name, string exporter)
    {
        var fixture = EncoderFixtures.Table[name]();
        var backbone = fixture.Backbone(exporter);
        var tunable = fixture.Apply(backbone);
        var decay = fixture.Reference.Setup["optimizer"]!["weight_decay"]!.GetValue<double>();
        var options = new TrainingOptions { Clip = 0, WeightDecay = decay, LearningRate = 1e-3, Epochs = 1, BatchSize = 4, Patience = 0 };
        using var engine = new GraphEngine(tunable, backbone.Hidden, fixture.Reference.Labels, options, new ExecutionOptions { Threads = 1 });
        var losses = fixture.Reference.Read("after5", "losses");
        for (var step = 1; step <= 5; step++)
        {
            using var batch = fixture.Batch(step, backbone, tunable);
            Assert.That(engine.Train(batch, 1e-3), Is.EqualTo(losses[step - 1]).Within(Tolerance), $"loss of step {step}");
        }
        double worst = 0;
        foreach (var tensor in engine.Read().Values.Where(t => !fixture.IsZero(t.Name)))
        {
            var expected = fixture.Values("after5", "param.", tensor.Name);
            var error = MethodFixture.RelativeError(tensor.Values, expected);
            Assert.That(error, Is.LessThan(Math.Max(Tolerance, 2 * fixture.FloatError / expected.Max(Math.Abs))), tensor.Name);
            worst = Math.Max(worst, error);
        }
        using var first = fixture.Batch(1, backbone, tunable);
        var (loss, scores) = engine.Evaluate(first);
        Assert.That(loss, Is.EqualTo(fixture.Reference.Read("after5", "loss_batch1")[0]).Within(1e-5));
        Assert.That(MethodFixture.RelativeError(scores, fixture.Reference.Read("after5", "logits_batch1")), Is.LessThan(Tolerance));
        TestContext.Out.WriteLine($"{name} {exporter}: largest relative error after five steps {worst:E1}");
    }
}
