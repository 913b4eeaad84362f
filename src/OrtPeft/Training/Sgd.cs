using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Plain stochastic gradient descent with decoupled weight decay: p (1 - lr wd) - lr g.</summary>
static class Sgd
{
    internal static OptimizerUpdate Begin(GraphBuilder g, OptimizerStep step)
    {
        var rate = step.GradientScale is { } scale ? g.Mul(step.LearningRate, scale) : step.LearningRate;
        var keep = step.Keep(g);
        return (value, gradient, moments) => (g.Sub(step.WeightDecay == 0 ? value : g.Mul(value, keep), g.Mul(gradient, rate)), moments);
    }
}
