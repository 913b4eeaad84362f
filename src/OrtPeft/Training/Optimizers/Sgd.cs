using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Stochastic gradient descent with decoupled weight decay, plain or with momentum as PyTorch computes it (no dampening).</summary>
static class Sgd
{
    const double Momentum = 0.9;

    /// <summary>p (1 - lr wd) - lr g.</summary>
    internal static OptimizerUpdate Plain(GraphBuilder g, OptimizerStep step)
    {
        var rate = step.Clipped(g, step.LearningRate);
        return (value, gradient, moments) => (g.Sub(step.Decayed(g, value), g.Mul(gradient, rate)), moments);
    }

    /// <summary>m = 0.9 m + g, then p - lr m; with Nesterov's look-ahead p - lr (g + 0.9 m) (Sutskever et al. 2013).</summary>
    internal static OptimizerUpdate WithMomentum(GraphBuilder g, OptimizerStep step, bool nesterov) => (value, gradient, moments) =>
    {
        gradient = step.Clipped(g, gradient);
        var m = g.Add(g.Mul(moments[0], Momentum), gradient);
        var change = nesterov ? g.Add(gradient, g.Mul(m, Momentum)) : m;
        return (g.Sub(step.Decayed(g, value), g.Mul(change, step.LearningRate)), [m]);
    };
}
