using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Losses against values worked out by hand for two examples of three labels.</summary>
sealed class LossTests
{
    static readonly float[] Scores = [2, 1, 0, 0, 0, 3];
    static readonly float[] OneHot = [1, 0, 0, 0, 1, 0];

    [Test]
    public void Cross_entropy()
    {
        // -log(e^2 / (e^2 + e + 1)) = 0.407606 and -log(1 / (2 + e^3)) = 3.094923.
        Assert.That(Loss((g, s, o) => CrossEntropyLoss.Build(g, s, o)), Is.EqualTo((0.407606 + 3.094923) / 2).Within(1e-5));
    }

    [Test]
    public void Margin()
    {
        // Gold 2 against 1 and 0: max(0, 1 - 2 + 1.5) + max(0, 0 - 2 + 1.5) = 0.5. Gold 0 against 0 and 3: 1.5 + 4.5 = 6.
        Assert.That(Loss((g, s, o) => MarginLoss.Build(g, s, o, 1.5f)), Is.EqualTo((0.5 + 6) / 2).Within(1e-6));
    }

    [Test]
    public void Margin_is_zero_when_all_margins_are_kept() =>
        Assert.That(Loss((g, s, o) => MarginLoss.Build(g, s, o, 0.5f), [5, 1, 0, 0, 4, 3]), Is.Zero);

    static float Loss(Func<GraphBuilder, string, string, string> build, float[]? scores = null)
    {
        var g = new GraphBuilder(HeadGraph.Opset);
        g.Output(build(g, g.Input("scores", OnnxType.Float, "batch", 3), g.Input("gold", OnnxType.Float, "batch", 3)), "loss");
        using var session = OrtSession.FromBytes(g.Build().ToBytes(), 1);
        using var scoreValue = OrtValue.CreateTensorValueFromMemory(scores ?? Scores, [2, 3]);
        using var goldValue = OrtValue.CreateTensorValueFromMemory(OneHot, [2, 3]);
        using var runOptions = new RunOptions();
        using var outputs = session.Run(runOptions, new Dictionary<string, OrtValue> { ["scores"] = scoreValue, ["gold"] = goldValue }, ["loss"]);
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }
}
