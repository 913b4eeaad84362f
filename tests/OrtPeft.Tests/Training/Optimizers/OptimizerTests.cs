using Microsoft.ML.OnnxRuntime;

namespace OrtPeft.Tests;

/// <summary>Every optimizer, as standard operators and as a kernel where there is one, against its written formula in double precision.</summary>
sealed class OptimizerTests
{
    static IEnumerable<TestCaseData> Cases =>
        from name in Optimizers.Table.Keys
        from clip in new[] { 0, 1.0 }
        from kernel in new[] { false, true }
        where !kernel || Optimizers.Get(name).Kernel != null
        select new TestCaseData(name, clip, kernel).SetArgDisplayNames(name, $"clip {clip}", kernel ? "kernel" : "graph");

    /// <summary>An odd length leaves a rest after whole vectors, and one tensor is longer than a part of work.</summary>
    static readonly TrainedTensor[] Start = [TrainedTensor.Normal("a", 1, 3, 5, 7), TrainedTensor.Normal("b", 1, 3, 40_001), TrainedTensor.Constant("c", 2, 1)];

    [TestCaseSource(nameof(Cases))]
    public void Ten_steps_equal_the_formula(string name, double clip, bool kernel)
    {
        const double rate = 0.01, decay = 0.1;
        var rule = Optimizers.Get(name);
        var options = new TrainingOptions { Optimizer = name, Clip = clip, WeightDecay = decay };
        using var buffers = new TrainingBuffers(Start, rule.Moments);
        var gradients = buffers.Allocate();
        var sum = new GradientSum(gradients, buffers, clipValue: 0, threads: 2);
        using var optimizer = kernel ? rule.Kernel!(buffers, sum, options) : new GraphOptimizer(buffers, gradients, Start, options, new ExecutionOptions { Threads = 2 });
        var expected = Start.Select(t => new OptimizerFormulas.State([.. t.Values.Select(v => (double)v)], t.Shape.Count < 2 ? 1 : (int)t.Shape[0], (int)t.Shape[^1], t.Shape.Count > 1)).ToArray();

        for (var step = 1; step <= 10; step++)
        {
            var drawn = Start.Select(t => TrainedTensor.Normal($"{t.Name}/{step}", 0.02, 5, [.. t.Shape]).Values).ToArray();
            for (var i = 0; i < drawn.Length; i++)
                drawn[i].CopyTo(TrainingBuffers.Span(gradients[i]));
            sum.Add([(gradients, 1)], isLast: true);
            optimizer.Apply((float)rate, step);

            var norm = Math.Sqrt(drawn.SelectMany(d => d).Sum(g => (double)g * g));
            var scale = clip == 0 ? 1 : Math.Min(1, clip / (norm + 1e-6));
            Assert.That(norm, Is.GreaterThan(clip), "clipping is at work");
            for (var i = 0; i < drawn.Length; i++)
                OptimizerFormulas.Table[name](expected[i], [.. drawn[i].Select(g => g * scale)], rate, decay, step);
        }

        var state = buffers.Read(step: 10);
        for (var i = 0; i < Start.Length; i++)
        {
            Assert.That(state.Values[i].Values, Is.EqualTo(expected[i].Value.Select(v => (float)v)).Within(3e-6f), Start[i].Name);
            foreach (var moment in rule.Moments)
                Assert.That(state.Moments[moment.Name][i].Values, Is.EqualTo(expected[i].Moments[moment.Name].Select(v => (float)v)).Within(1e-7f), $"{moment.Name} of {Start[i].Name}");
        }
        Array.ForEach(gradients, g => g.Dispose());
    }

    [TestCase(0, new[] { 3.25f, 6.5f, 9.75f })]
    [TestCase(6.0, new[] { 3.25f, 6, 6 })]
    public void Micro_batches_are_added_by_their_shares_and_cut_off(double clipValue, float[] expected)
    {
        using var buffers = new TrainingBuffers([TrainedTensor.Constant("w", 0, 3)], []);
        var (first, second) = (buffers.Allocate(), buffers.Allocate());
        ((float[])[1, 2, 3]).CopyTo(TrainingBuffers.Span(first[0]));
        ((float[])[10, 20, 30]).CopyTo(TrainingBuffers.Span(second[0]));
        var sum = new GradientSum(first, buffers, clipValue, threads: 2);
        sum.Add([(first, 0.75f)], isLast: false);
        sum.Add([(second, 0.25f)], isLast: true);
        Assert.That(TrainingBuffers.Span(sum.Values[0]).ToArray(), Is.EqualTo(expected));
        Assert.That(sum.Norm, Is.EqualTo(Math.Sqrt(expected.Sum(e => (double)e * e))).Within(1e-6));
        first[0].Dispose();
        second[0].Dispose();
    }
}
