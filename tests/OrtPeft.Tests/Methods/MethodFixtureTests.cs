using Microsoft.ML.OnnxRuntime;
using OrtPeft.Gradients;

namespace OrtPeft.Tests;

/// <summary>Linear probe and Y-Tuning against PyTorch: scores, loss, every gradient, and the values after five AdamW steps.</summary>
sealed class MethodFixtureTests
{
    const double Tolerance = 1e-4;

    static readonly Dictionary<string, Func<MethodFixture, TunableGraph>> Cases = new()
    {
        ["linear-probe/mean"] = f => LinearProbe.Graph(new LinearProbeOptions(), f.Task(), f.Start()),
        ["linear-probe/cls"] = f => LinearProbe.Graph(new LinearProbeOptions { Pooling = PoolingKind.Cls }, f.Task(), f.Start()),
        ["linear-probe/regression-mean"] = f => LinearProbe.Graph(new LinearProbeOptions(), f.Task(), f.Start()),
        ["linear-probe/token"] = f => LinearProbe.Graph(new LinearProbeOptions(), f.Task(), f.Start()) with { Weighted = true },
        ["y-tuning/margin"] = f => YTuning.Graph(YTuningCase(f, YTuningLoss.Margin), f.Task(), f.Start()),
        ["y-tuning/cross-entropy"] = f => YTuning.Graph(YTuningCase(f, YTuningLoss.CrossEntropy), f.Task(), f.Start()),
    };

    static IEnumerable<string> Names => Cases.Keys;

    [TestCaseSource(nameof(Names))]
    public void First_step_equals_pytorch(string name)
    {
        var fixture = new MethodFixture(name);
        var tunable = Cases[name](fixture);
        using var batch = fixture.Batch(1, tunable);
        var outputs = RunWithGradients(tunable, batch, fixture.Names, fixture.Labels);

        Assert.That(outputs["loss"][0], Is.EqualTo(fixture.Read("step1", "loss")[0]).Within(1e-5));
        Assert.That(MethodFixture.RelativeError(outputs["scores"], fixture.Scores("step1", "logits", batch)), Is.LessThan(1e-5), "scores");
        double worst = 0;
        foreach (var tensor in fixture.Names.Except(fixture.ZeroGradientTensors))
        {
            var error = MethodFixture.RelativeError(outputs[tensor], fixture.Read("step1", $"grad.{tensor}"));
            Assert.That(error, Is.LessThan(Tolerance), $"gradient of {tensor}");
            worst = Math.Max(worst, error);
        }
        foreach (var tensor in fixture.ZeroGradientTensors)
            Assert.That(outputs[tensor], Is.All.EqualTo(0f).Within(1e-6), $"gradient of {tensor}");
        TestContext.Out.WriteLine($"{name}: largest relative error of a gradient {worst:E1}");
    }

    [TestCaseSource(nameof(Names))]
    public void Five_AdamW_steps_equal_pytorch(string name)
    {
        var fixture = new MethodFixture(name);
        var tunable = Cases[name](fixture);
        var options = new TrainingOptions { Clip = 0, WeightDecay = 0.01, LearningRate = 1e-3, Epochs = 1, BatchSize = 4, Patience = 0 };
        using var first = fixture.Batch(1, tunable);
        using var engine = new GraphEngine(tunable, first.Width, fixture.Labels, options, new ExecutionOptions { Threads = 1 });
        var losses = fixture.Read("after5", "losses");
        for (var step = 1; step <= 5; step++)
        {
            using var batch = fixture.Batch(step, tunable);
            Assert.That(engine.Train(batch, 1e-3), Is.EqualTo(losses[step - 1]).Within(Tolerance), $"loss of step {step}");
        }

        double worst = 0;
        var skipped = 0;
        foreach (var tensor in engine.Read().Values.Where(t => !fixture.ZeroGradientTensors.Contains(t.Name)))
        {
            var expected = fixture.Read("after5", $"param.{tensor.Name}");
            skipped += TakeOverNoise(tensor.Values, expected, fixture.Read("step1", $"grad.{tensor.Name}"));
            var error = MethodFixture.RelativeError(tensor.Values, expected);
            Assert.That(error, Is.LessThan(Tolerance), tensor.Name);
            worst = Math.Max(worst, error);
        }
        Assert.That(skipped, Is.LessThanOrEqualTo(1), "entries that cannot be compared");
        var (loss, scores) = engine.Evaluate(first);
        Assert.That(loss, Is.EqualTo(fixture.Read("after5", "loss_batch1")[0]).Within(1e-5));
        Assert.That(MethodFixture.RelativeError(scores, fixture.Scores("after5", "logits_batch1", first)), Is.LessThan(Tolerance));
        TestContext.Out.WriteLine($"{name}: largest relative error after five steps {worst:E1}, {skipped} entries of {tunable.Parameters} not compared");
    }

    /// <summary>
    /// Adam divides a gradient by its own size, so where the first gradient is under Adam's epsilon the step is rounding noise (PyTorch's own
    /// float32 run differs there as much): such an entry is not compared. Returns how many there are.
    /// </summary>
    static int TakeOverNoise(float[] actual, float[] expected, float[] firstGradient)
    {
        const float AdamEpsilon = 1e-8f;
        var count = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (firstGradient[i] != 0 && Math.Abs(firstGradient[i]) < AdamEpsilon)
            {
                actual[i] = expected[i];
                count++;
            }
        }
        return count;
    }

    static YTuningOptions YTuningCase(MethodFixture fixture, YTuningLoss loss)
    {
        var parameters = fixture.Setup["hyper_parameters"]!;
        return new YTuningOptions
        {
            Heads = parameters["heads"]!.GetValue<int>(),
            FeedForward = parameters["ffn"]!.GetValue<int>(),
            Margin = parameters["alpha"]?.GetValue<double>() ?? 1,
            Loss = loss,
            Dropout = 0,
        };
    }

    /// <summary>Scores, loss and the gradient of every trained tensor, by name.</summary>
    internal static Dictionary<string, float[]> RunWithGradients(TunableGraph tunable, TrainingBatch batch, IEnumerable<string> tensors, int labels)
    {
        var head = new HeadGraph(tunable, (batch as FeatureBatch)?.Width ?? 0, training: true);
        var loss = TrainingGraph.Loss(head.Builder, tunable, head.Scores, labels);
        var gradients = GradientBuilder.AddGradients(head.Builder, loss, tensors);
        var outputs = new Dictionary<string, string> { ["loss"] = head.Builder.Output(loss, "loss"), ["scores"] = head.Builder.Output(head.Scores, "scores") };
        foreach (var (tensor, gradient) in gradients)
            outputs[tensor] = head.Builder.Output(gradient);

        using var session = tunable.OpenSession(head.Builder.Build(), 1);
        var feeds = tunable.Tensors.ToDictionary(t => t.Name, t => OrtValue.CreateTensorValueFromMemory(t.Values, [.. t.Shape]));
        foreach (var (name, value) in batch.TrainingInputs(0, batch.Size))
            feeds.Add(name, value);
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, feeds, [.. outputs.Values.Distinct()]);
        var byName = outputs.Values.Distinct().Zip(results, (name, value) => (name, value.GetTensorDataAsSpan<float>().ToArray())).ToDictionary(r => r.name, r => r.Item2);
        foreach (var value in feeds.Values)
            value.Dispose();
        return outputs.ToDictionary(o => o.Key, o => byName[o.Value]);
    }
}
