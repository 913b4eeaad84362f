using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Official artifacts, trained on stock ONNX Runtime, against what the native training runtime gave.</summary>
sealed class StockTrainingSessionTests
{
    const double GradientLimit = 2e-6, ParameterLimit = 1e-5, LossLimit = 1e-5;

    static readonly string[] Names = OfficialArtifacts.Names;

    [TestCaseSource(nameof(Names))]
    public void Official_artifacts_are_trained_as_the_native_runtime_trains_them(string name)
    {
        using var official = new OfficialArtifacts(name);
        using var session = new StockTrainingSession(OrtArtifacts.Load(official.Folder), new ExecutionOptions { Threads = 1 });
        var held = Eval(session, official);
        Assert.That(held[0][0], Is.EqualTo(official.Read("held.loss_before")[0]).Within(1e-6));
        Assert.That(held[1], Is.EqualTo(official.Read("held.logits_before")).Within(1e-5));

        var worst = Train(session, official, 0, 110, (step, parameters) =>
        {
            if (step == 100)
            {
                held = Eval(session, official);
                Assert.That(held[0][0], Is.EqualTo(official.Read("held.loss_after")[0]).Within(LossLimit));
            }
        });
        TestContext.Out.WriteLine($"{name}: largest difference of gradients {worst.Gradient:E1}, losses {worst.Loss:E1}, parameters {worst.Parameter:E1}");
    }

    [TestCaseSource(nameof(Names))]
    public void A_checkpoint_of_the_native_runtime_is_gone_on_with(string name)
    {
        using var official = new OfficialArtifacts(name);
        var artifacts = OrtArtifacts.Load(official.Folder);
        using var session = new StockTrainingSession(artifacts, new ExecutionOptions { Threads = 1 });
        session.Write(OrtCheckpoint.Load(official["checkpoint_step100"]));
        Train(session, official, 100, 110);
    }

    [Test]
    public void A_saved_state_gives_the_same_bits_as_no_interruption()
    {
        using var official = new OfficialArtifacts("mlp-adamw");
        var artifacts = OrtArtifacts.Load(official.Folder);
        using var whole = new StockTrainingSession(artifacts, new ExecutionOptions { Threads = 1 });
        Train(whole, official, 0, 20);
        using var first = new StockTrainingSession(artifacts, new ExecutionOptions { Threads = 1 });
        Train(first, official, 0, 13);
        first.Read().Save(official["interrupted"]);
        using var second = new StockTrainingSession(artifacts, new ExecutionOptions { Threads = 1 });
        second.Write(OrtCheckpoint.Load(official["interrupted"]));
        Train(second, official, 13, 20);
        var (expected, actual) = (whole.Read(), second.Read());
        foreach (var (a, b) in expected.Trainable.Zip(actual.Trainable))
            Assert.That(b.ToBytes(), Is.EqualTo(a.ToBytes()), a.Name);
    }

    [Test]
    public void A_nominal_checkpoint_has_nothing_to_train_from()
    {
        using var official = new OfficialArtifacts("linear-adamw");
        File.Copy(official["nominal_checkpoint"], official["checkpoint"], overwrite: true);
        Assert.That(() => new StockTrainingSession(OrtArtifacts.Load(official.Folder), new ExecutionOptions()), Throws.TypeOf<OrtPeftException>().With.Message.Contains("nominal"));
    }

    [Test]
    public void State_of_other_parameters_is_refused()
    {
        using var official = new OfficialArtifacts("linear-adamw");
        using var session = new StockTrainingSession(OrtArtifacts.Load(official.Folder), new ExecutionOptions());
        var state = OrtCheckpoint.Load(official["checkpoint_step100"]);
        var group = state.Optimizer[0] with { Moments = state.Optimizer[0].Moments.Where(m => m.Key != "classifier.bias").ToDictionary() };
        Assert.That(() => session.Write(state with { Optimizer = [group] }), Throws.TypeOf<OrtPeftException>().With.Message.Contains("no momentum0 of 'classifier.bias'"));
    }

    static float[][] Eval(StockTrainingSession session, OfficialArtifacts official) => With(official.Held, session.EvalStep);

    static T With<T>(IReadOnlyList<OrtValue> inputs, Func<IReadOnlyList<OrtValue>, T> use)
    {
        try
        {
            return use(inputs);
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    /// <summary>Steps with the native run's batches and learning rates, compared wherever that run left values.</summary>
    static (double Gradient, double Loss, double Parameter) Train(StockTrainingSession session, OfficialArtifacts official, int from, int to, Action<int, OrtCheckpoint>? after = null)
    {
        var (rates, losses, k) = (official.Read("lr"), official.Read("loss"), official.Accumulated);
        double worstGradient = 0, worstLoss = 0, worstParameter = 0;
        for (var step = from; step < to; step++)
        {
            for (var micro = 0; micro < k; micro++)
            {
                var loss = With(official.Batch((step * k + micro) % 10), session.TrainStep);
                worstLoss = Math.Max(worstLoss, Math.Abs(loss - losses[step * k + micro]));
                Assert.That(worstLoss, Is.LessThan(LossLimit), $"loss of step {step + 1}");
                if (step == 0 && micro == 0)
                    Compare("grad.", session.Gradients, GradientLimit, ref worstGradient);
            }
            if (step == 0 && k > 1)
                Compare("grad_accumulated.", session.Gradients, GradientLimit, ref worstGradient);
            session.OptimizerStep(rates[step]);
            session.LazyResetGradients();
            var now = session.Read();
            Compare($"step{step + 1}.", now.Trainable.Concat(now.Frozen).ToDictionary(t => t.Name, t => t.ToFloats()), ParameterLimit, ref worstParameter);
            after?.Invoke(step + 1, now);
        }
        return (worstGradient, worstLoss, worstParameter);

        void Compare(string prefix, IReadOnlyDictionary<string, float[]> actual, double limit, ref double worst)
        {
            foreach (var name in official.Tensors(prefix))
            {
                // Softmax does not see the bias of the keys: its exact gradient is 0, and AdamW makes steps of the rounding noise.
                if (name.EndsWith(".k.bias", StringComparison.Ordinal) && prefix.StartsWith("step", StringComparison.Ordinal))
                    continue;
                var expected = official.Read(prefix + name);
                for (var i = 0; i < expected.Length; i++)
                    worst = Math.Max(worst, Math.Abs(actual[name][i] - expected[i]));
                Assert.That(worst, Is.LessThan(limit), prefix + name);
            }
        }
    }
}
