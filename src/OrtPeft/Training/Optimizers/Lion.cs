using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Lion (Chen et al., arXiv 2302.06675, algorithm 2): p decays by lr wd, then moves by lr sign(0.9 m + 0.1 g); m = 0.99 m + 0.01 g.</summary>
static class Lion
{
    const double Beta1 = 0.9;
    const double Beta2 = 0.99;

    internal static OptimizerUpdate Begin(GraphBuilder g, OptimizerStep step) => (value, gradient, moments) =>
    {
        gradient = step.Clipped(g, gradient);
        var c = g.Add(g.Mul(moments[0], Beta1), g.Mul(gradient, 1 - Beta1));
        // The next m from c, because a moment may be read on one way only: b2 m + (1 - b2) g = (b2 / b1) c + (1 - b2 / b1) g.
        var m = g.Add(g.Mul(c, Beta2 / Beta1), g.Mul(gradient, 1 - Beta2 / Beta1));
        return (g.Sub(step.Decayed(g, value), g.Mul(g.Sign(c), step.LearningRate)), [m]);
    };
}
