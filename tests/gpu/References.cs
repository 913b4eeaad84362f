using OrtPeft.Tests;

namespace OrtPeft.Gpu;

/// <summary>Five AdamW steps against PyTorch's, from the tests' reference runs.</summary>
static class References
{
    const double Limit = 1e-3;

    internal static CheckResult FiveSteps(string method, ExecutionOptions execution)
    {
        var (fixture, tunable, batch, expected) = method == "lora" ? Lora() : YTuningRun();
        var options = new TrainingOptions { Clip = 0, WeightDecay = 0.01, LearningRate = 1e-3, Epochs = 1, BatchSize = 4, Patience = 0 };
        using var first = batch(1);
        using var engine = new GraphEngine(tunable, (first as FeatureBatch)?.Width ?? 32, fixture.Labels, options, execution);
        var losses = fixture.Read("after5", "losses");
        var worst = 0.0;
        for (var step = 1; step <= 5; step++)
        {
            using var next = batch(step);
            worst = Math.Max(worst, Math.Abs(engine.Train(next, 1e-3) - losses[step - 1]));
        }
        foreach (var tensor in engine.Read().Values.Where(t => !expected.IsZero(t.Name)))
            worst = Math.Max(worst, MethodFixture.RelativeError(tensor.Values, expected.Values(tensor.Name)));
        return new CheckResult("losses and values after five steps against PyTorch, relative", worst, Limit);
    }

    sealed record Expected(Func<string, bool> IsZero, Func<string, float[]> Values);

    static (MethodFixture, TunableGraph, Func<int, TrainingBatch>, Expected) YTuningRun()
    {
        var fixture = new MethodFixture("y-tuning/cross-entropy");
        var sizes = fixture.Setup["hyper_parameters"]!;
        var options = new YTuningOptions { Heads = (int)sizes["heads"]!, FeedForward = (int)sizes["ffn"]!, Loss = YTuningLoss.CrossEntropy, Dropout = 0 };
        var tunable = YTuning.Graph(options, fixture.Task(), fixture.Start());
        return (fixture, tunable, number => fixture.Batch(number, tunable), new Expected(fixture.ZeroGradientTensors.Contains, name => fixture.Read("after5", $"param.{name}")));
    }

    static (MethodFixture, TunableGraph, Func<int, TrainingBatch>, Expected) Lora()
    {
        var fixture = EncoderFixtures.Table["lora"]();
        var backbone = fixture.Backbone("");
        var tunable = fixture.Apply(backbone);
        return (fixture.Reference, tunable, number => fixture.Batch(number, backbone, tunable), new Expected(fixture.IsZero, name => fixture.Values("after5", "param.", name)));
    }
}
