using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101), as torch.optim.AdamW computes it: p decays by lr wd; m and v with bias correction; then
/// p - lr mhat / (sqrt(vhat) + eps).
/// </summary>
static class AdamW
{
    internal const double Beta1 = 0.9;
    internal const double Beta2 = 0.999;
    internal const double Epsilon = 1e-8;

    internal static OptimizerUpdate Begin(GraphBuilder g, OptimizerStep step)
    {
        // With c = sqrt(1 - beta2^t): lr mhat / (sqrt(vhat) + eps) = (lr c / (1 - beta1^t)) m / (sqrt(v) + eps c). In double precision,
        // because 1 - 0.999 in single precision is wrong in the fifth digit.
        var t = g.Cast(step.Number, OnnxType.Double);
        var c = g.Sqrt(OneMinusPower(Beta2));
        var rate = g.Cast(g.Div(g.Mul(g.Cast(step.LearningRate, OnnxType.Double), c), OneMinusPower(Beta1)), OnnxType.Float);
        var epsilon = g.Cast(g.Mul(c, Epsilon), OnnxType.Float);
        var keep = step.Keep(g);
        var take1 = Scaled(1 - Beta1, 1);
        var take2 = Scaled(1 - Beta2, 2);

        return (value, gradient, moments) =>
        {
            var m = g.Add(g.Mul(moments[0], Beta1), g.Mul(gradient, take1));
            var v = g.Add(g.Mul(moments[1], Beta2), g.Mul(g.Mul(gradient, gradient), take2));
            var change = g.Div(g.Mul(m, rate), g.Add(g.Sqrt(v), epsilon));
            return (g.Sub(step.WeightDecay == 0 ? value : g.Mul(value, keep), change), [m, v]);
        };

        string OneMinusPower(double beta) => g.Sub(g.Scalar(1, t), g.Pow(g.Scalar(beta, t), t));

        string Scaled(double factor, int power)
        {
            var scalar = g.Constant((float)factor);
            for (var i = 0; i < power && step.GradientScale is { } scale; i++)
                scalar = g.Mul(scalar, scale);
            return scalar;
        }
    }
}
