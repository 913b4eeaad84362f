using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>Gradients of random graphs against central differences in float64. ORTPEFT_SEED chooses other graphs.</summary>
[TestFixture]
public class RandomGraphTests
{
    const double Step = 1e-6;

    static int FirstSeed => int.Parse(Environment.GetEnvironmentVariable("ORTPEFT_SEED") ?? "1000", CultureInfo.InvariantCulture);

    [Test]
    public void Gradients_agree_with_differences([Range(0, 199)] int offset)
    {
        var seed = FirstSeed + offset;
        var random = new RandomGraph(seed);
        var graph = random.Graph;
        var gradients = GradientBuilder.AddGradients(graph, random.Loss, random.Inputs.Keys);
        graph.Output(random.Loss, "loss");
        foreach (var (input, gradient) in gradients)
            graph.Output(gradient, "gradient of " + input);

        using var options = new SessionOptions { IntraOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(graph.Build().ToBytes(), options);
        var source = new Random(seed);
        var point = random.Inputs.ToDictionary(i => i.Key, i => Draw(source, i.Value));
        var found = OrtRunner.Run(session, Feeds(random, point));
        for (var trial = 0; trial < 3; trial++)
        {
            var direction = random.Inputs.ToDictionary(i => i.Key, i => Draw(source, i.Value));
            var expected = (Loss(session, random, Moved(point, direction, Step)) - Loss(session, random, Moved(point, direction, -Step))) / (2 * Step);
            var slope = direction.Sum(d => d.Value.Zip(found["gradient of " + d.Key].Values(), (v, g) => v * g).Sum());
            // LayerNormalization reports its statistics in 32 bits, also for 64-bit inputs.
            Assert.That(slope, Is.EqualTo(expected).Within(1e-4 * (1 + Math.Abs(expected))), $"seed {seed}, opset {random.Opset}");
        }
    }

    static double Loss(InferenceSession session, RandomGraph random, Dictionary<string, double[]> point) =>
        OrtRunner.Run(session, Feeds(random, point), ["loss"])["loss"].Values()[0];

    static Dictionary<string, TestTensor> Feeds(RandomGraph random, Dictionary<string, double[]> point) =>
        point.ToDictionary(p => p.Key, p => new TestTensor(OnnxType.Double, random.Inputs[p.Key], MemoryMarshal.AsBytes(p.Value.AsSpan()).ToArray()));

    static Dictionary<string, double[]> Moved(Dictionary<string, double[]> point, Dictionary<string, double[]> direction, double step) =>
        point.ToDictionary(p => p.Key, p => p.Value.Zip(direction[p.Key], (x, v) => x + step * v).ToArray());

    static double[] Draw(Random random, long[] shape) => [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextDouble() * 2 - 1)];
}
