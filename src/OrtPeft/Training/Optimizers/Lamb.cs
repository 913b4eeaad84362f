using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// LAMB (You et al., arXiv 1904.00962, algorithm 2): Adam's direction r plus wd p, scaled for each tensor by |p| / |r| (1 where either is 0).
/// </summary>
static class Lamb
{
    const double Epsilon = 1e-6;

    internal static OptimizerUpdate Begin(GraphBuilder g, OptimizerStep step)
    {
        var correction1 = g.Cast(step.OneMinusPower(g, AdamW.Beta1), OnnxType.Float);
        var correction2 = g.Cast(step.OneMinusPower(g, AdamW.Beta2), OnnxType.Float);
        return (value, gradient, moments) =>
        {
            gradient = step.Clipped(g, gradient);
            var m = g.Add(g.Mul(moments[0], AdamW.Beta1), g.Mul(gradient, 1 - AdamW.Beta1));
            var v = g.Add(g.Mul(moments[1], AdamW.Beta2), g.Mul(g.Mul(gradient, gradient), 1 - AdamW.Beta2));
            var direction = g.Div(g.Div(m, correction1), g.Add(g.Sqrt(g.Div(v, correction2)), Epsilon));
            if (step.WeightDecay != 0)
                direction = g.Add(direction, g.Mul(value, step.WeightDecay));
            return (g.Sub(value, g.Mul(direction, g.Mul(step.LearningRate, Trust(g, value, direction)))), [m, v]);
        };
    }

    static string Trust(GraphBuilder g, string value, string direction)
    {
        var (p, r) = (Norm(value), Norm(direction));
        var one = g.Constant(1f);
        var zero = g.Constant(0f);
        return g.Where(g.And(g.Greater(p, zero), g.Greater(r, zero)), g.Div(p, r), one);

        string Norm(string x) => g.Sqrt(g.ReduceSum(g.Mul(x, x), keepDims: false));
    }
}
