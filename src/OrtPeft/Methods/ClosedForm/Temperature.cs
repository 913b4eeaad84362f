using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>
/// Scales a linear layer so that the softmax of its scores fits the training labels (temperature scaling; Guo et al., arXiv 1706.04599). No
/// answer changes, only how sure it is.
/// </summary>
static class Temperature
{
    const double LowestLog = -6, HighestLog = 8;
    const int Steps = 60;

    /// <summary>The factor that minimises the mean cross-entropy of (factor x scores), folded into weight and bias.</summary>
    internal static Solution Fit(Solution linear, SolverInput input, bool normalized = false)
    {
        var (weight, bias) = (linear.Tensors[0], linear.Tensors[1]);
        var scores = new double[input.Count][];
        Parallel.For(0, input.Count, new ParallelOptions { MaxDegreeOfParallelism = input.Threads, CancellationToken = input.CancellationToken }, i =>
        {
            var row = input.Row(i);
            var norm = normalized ? NearestMeanOptions.Norm(row) : 1;
            scores[i] = new double[bias.Values.Length];
            for (var k = 0; k < scores[i].Length; k++)
                scores[i][k] = TensorPrimitives.Dot(row, weight.Values.AsSpan(k * input.Width, input.Width)) / norm + bias.Values[k];
        });

        // The loss is convex in the factor, so unimodal in its logarithm: golden section.
        var golden = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (LowestLog, HighestLog);
        for (var step = 0; step < Steps; step++)
        {
            var (left, right) = (high - golden * (high - low), low + golden * (high - low));
            (low, high) = Loss(Math.Exp(left)) < Loss(Math.Exp(right)) ? (low, right) : (left, high);
        }
        var factor = (float)Math.Exp((low + high) / 2);
        return linear with { Tensors = [weight with { Values = [.. weight.Values.Select(v => v * factor)] }, bias with { Values = [.. bias.Values.Select(v => v * factor)] }] };

        double Loss(double factor)
        {
            double loss = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                var label = input.Targets.Class(i);
                var highest = scores[i].Max();
                loss += input.Targets.Weight(i, label) * (Math.Log(scores[i].Sum(s => Math.Exp(factor * (s - highest)))) - factor * (scores[i][label] - highest));
            }
            return loss;
        }
    }
}
