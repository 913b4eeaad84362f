using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1): m and v with bias correction, then p - lr mhat / (sqrt(vhat) + eps). Weight decay is
/// decoupled as in AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2), or part of the gradient as in plain Adam; both as PyTorch
/// computes them.
/// </summary>
static class AdamW
{
    internal const double Beta1 = 0.9;
    internal const double Beta2 = 0.999;
    internal const double Epsilon = 1e-8;

    internal static OptimizerUpdate Begin(GraphBuilder g, OptimizerStep step, bool decoupled)
    {
        // With c = sqrt(1 - beta2^t): lr mhat / (sqrt(vhat) + eps) = (lr c / (1 - beta1^t)) m / (sqrt(v) + eps c).
        var c = g.Sqrt(step.OneMinusPower(g, Beta2));
        var rate = g.Cast(g.Div(g.Mul(g.Cast(step.LearningRate, OnnxType.Double), c), step.OneMinusPower(g, Beta1)), OnnxType.Float);
        var epsilon = g.Cast(g.Mul(c, Epsilon), OnnxType.Float);

        return (value, gradient, moments) =>
        {
            gradient = step.Clipped(g, gradient);
            if (!decoupled && step.WeightDecay != 0)
                gradient = g.Add(gradient, g.Mul(value, step.WeightDecay));
            var m = g.Add(g.Mul(moments[0], Beta1), g.Mul(gradient, 1 - Beta1));
            var v = g.Add(g.Mul(moments[1], Beta2), g.Mul(g.Mul(gradient, gradient), 1 - Beta2));
            var change = g.Div(g.Mul(m, rate), g.Add(g.Sqrt(v), epsilon));
            return (g.Sub(decoupled ? step.Decayed(g, value) : value, change), [m, v]);
        };
    }
}
