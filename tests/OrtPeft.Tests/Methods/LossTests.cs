using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Losses against values worked out by hand for two examples of three labels.</summary>
sealed class LossTests
{
    static readonly float[] Scores = [2, 1, 0, 0, 0, 3];
    static readonly float[] OneHot = [1, 0, 0, 0, 1, 0];

    // -log(e^2 / (e^2 + e + 1)) and -log(1 / (2 + e^3)).
    const double First = 0.407606, Second = 3.094923;

    [Test]
    public void Cross_entropy() => Assert.That(Loss((g, s, o, w) => CrossEntropyLoss.Build(g, s, o)), Is.EqualTo((First + Second) / 2).Within(1e-5));

    [Test]
    public void Weights_make_a_weighted_mean() =>
        Assert.That(Loss((g, s, o, w) => CrossEntropyLoss.Build(g, s, o, w), weights: [3, 1]), Is.EqualTo((3 * First + Second) / 4).Within(1e-5));

    [Test]
    public void Where_nothing_counts_nothing_is_lost() => Assert.That(Loss((g, s, o, w) => CrossEntropyLoss.Build(g, s, o, w), weights: [0, 0]), Is.Zero);

    [Test]
    public void Smoothing_gives_every_label_its_share()
    {
        // Target (0.9 + 0.1/3, 0.1/3, 0.1/3); the first example's other losses are 1 and 2 higher, the second's log-probabilities -3.094923, -3.094923, -0.094923.
        var first = First + 0.1 / 3 * (1 + 2);
        var second = Second - 0.1 / 3 * 3;
        Assert.That(Loss((g, s, o, w) => CrossEntropyLoss.Build(g, s, o, smoothing: 0.1f)), Is.EqualTo((first + second) / 2).Within(1e-5));
    }

    [Test]
    public void Focal()
    {
        // p = e^-loss: (1 - p)^2 times the loss.
        var expected = (Math.Pow(1 - Math.Exp(-First), 2) * First + Math.Pow(1 - Math.Exp(-Second), 2) * Second) / 2;
        Assert.That(Loss((g, s, o, w) => FocalLoss.Build(g, s, o, null, 2)), Is.EqualTo(expected).Within(1e-5));
        Assert.That(Loss((g, s, o, w) => FocalLoss.Build(g, s, o, null, 0)), Is.EqualTo((First + Second) / 2).Within(1e-5), "gamma 0 is cross-entropy");
    }

    [Test]
    public void Binary_cross_entropy()
    {
        // log(1 + e^-s) where the target is 1, log(1 + e^s) where it is 0.
        double[] items = [Math.Log(1 + Math.Exp(-2)), Math.Log(1 + Math.E), Math.Log(2), Math.Log(2), Math.Log(2), Math.Log(1 + Math.Exp(3))];
        Assert.That(Loss((g, s, o, w) => BinaryCrossEntropyLoss.Build(g, s, o)), Is.EqualTo(items.Average()).Within(1e-5));
        Assert.That(Loss((g, s, o, w) => BinaryCrossEntropyLoss.Build(g, s, o, w), weights: [3, 1]), Is.EqualTo((3 * items[..3].Average() + items[3..].Average()) / 4).Within(1e-5));
        Assert.That(Loss((g, s, o, w) => BinaryFocalLoss.Build(g, s, o, null, 2)), Is.EqualTo(items.Average(i => Math.Pow(1 - Math.Exp(-i), 2) * i)).Within(1e-5));
    }

    [Test]
    public void Mean_squared_error() =>
        // Distances 1 1 0, 0 1 3.
        Assert.That(Loss((g, s, o, w) => MeanSquaredErrorLoss.Build(g, s, o)), Is.EqualTo(12.0 / 6).Within(1e-6));

    [Test]
    public void Margin()
    {
        // Gold 2 against 1 and 0: max(0, 1 - 2 + 1.5) + max(0, 0 - 2 + 1.5) = 0.5. Gold 0 against 0 and 3: 1.5 + 4.5 = 6.
        Assert.That(Loss((g, s, o, w) => MarginLoss.Build(g, s, o, 1.5f)), Is.EqualTo((0.5 + 6) / 2).Within(1e-6));
        Assert.That(Loss((g, s, o, w) => MarginLoss.Build(g, s, o, 1.5f, w), weights: [3, 1]), Is.EqualTo((3 * 0.5 + 6) / 4).Within(1e-6));
    }

    [Test]
    public void Margin_is_zero_when_all_margins_are_kept() =>
        Assert.That(Loss((g, s, o, w) => MarginLoss.Build(g, s, o, 0.5f), [5, 1, 0, 0, 4, 3]), Is.Zero);

    [Test]
    public void A_loss_that_is_not_for_the_task_is_refused() =>
        Assert.That(() => Losses.Get(new ClassificationTask(["a", "b"]) { LossOptions = new() { Name = "mse" } }),
            Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("--loss is 'mse'; for the task classification expected cross-entropy or focal."));

    static float Loss(LossBuilder build, float[]? scores = null, float[]? weights = null)
    {
        var g = new GraphBuilder(HeadGraph.Opset);
        g.Output(build(g, g.Input("scores", OnnxType.Float, "batch", 3), g.Input("gold", OnnxType.Float, "batch", 3), g.Input("weights", OnnxType.Float, "batch")), "loss");
        using var session = OrtSession.FromBytes(g.Build().ToBytes(), 1);
        using var scoreValue = OrtValue.CreateTensorValueFromMemory(scores ?? Scores, [2, 3]);
        using var goldValue = OrtValue.CreateTensorValueFromMemory(OneHot, [2, 3]);
        using var weightValue = OrtValue.CreateTensorValueFromMemory(weights ?? [1, 1], [2]);
        using var runOptions = new RunOptions();
        using var outputs = session.Run(runOptions, new Dictionary<string, OrtValue> { ["scores"] = scoreValue, ["gold"] = goldValue, ["weights"] = weightValue }, ["loss"]);
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }
}
