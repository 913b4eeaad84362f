using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Clipping and one optimizer step over all trained tensors as one graph of standard operators: gradients, values and moments in, the next
/// values and moments out. A tensor is read only on the way to its own next value, so the engine binds both to the same buffer.
/// </summary>
static class OptimizerGraph
{
    internal const string LearningRateInput = "learning_rate";
    internal const string StepInput = "step";

    internal static string MomentName(string tensor, string moment) => $"{tensor}.{moment}";

    internal static string Next(string tensor) => tensor + ".next";

    internal static OnnxModel Build(IReadOnlyList<TrainedTensor> tensors, TrainingOptions options)
    {
        var g = new GraphBuilder(HeadGraph.Opset, "optimizer");
        var learningRate = g.Input(LearningRateInput, OnnxType.Float);
        var step = g.Input(StepInput, OnnxType.Float);
        var gradients = tensors.Select(t => g.Input(TrainingGraph.Gradient(t.Name), OnnxType.Float, Shape(t.Shape))).ToArray();
        var scale = options.Clip == 0 ? null : ClippingScale(g, gradients, (float)options.Clip);

        var rule = Optimizers.Get(options.Optimizer);
        var updates = tensors.Select(t => t.Rate).Distinct().ToDictionary(rate => rate, rate =>
            rule.Begin(g, new OptimizerStep(rate == 1 ? learningRate : g.Mul(learningRate, rate), step, scale, (float)options.WeightDecay!.Value)));
        foreach (var (tensor, gradient) in tensors.Zip(gradients))
        {
            var value = g.Input(tensor.Name, OnnxType.Float, Shape(tensor.Shape));
            var moments = rule.Moments.Select(m => g.Input(MomentName(tensor.Name, m.Name), OnnxType.Float, Shape(m.Shape(tensor.Shape)))).ToArray();
            var (newValue, newMoments) = updates[tensor.Rate](value, gradient, moments);
            g.Output(newValue, Next(value));
            foreach (var (moment, newMoment) in moments.Zip(newMoments))
                g.Output(newMoment, Next(moment));
        }
        return g.Build();
    }

    static Dim[] Shape(IReadOnlyList<long> dims) => [.. dims.Select(d => (Dim)d)];

    /// <summary>min(1, limit / norm), norm over all gradients together (Pascanu et al. 2013).</summary>
    static string ClippingScale(GraphBuilder g, IEnumerable<string> gradients, float limit)
    {
        var squares = gradients.Select(gradient => g.ReduceSum(g.Mul(gradient, gradient), keepDims: false)).ToArray();
        return g.Min(g.Constant(1f), g.Div(g.Constant(limit), g.Add(g.Sqrt(g.Sum(squares)), 1e-6)));
    }
}
