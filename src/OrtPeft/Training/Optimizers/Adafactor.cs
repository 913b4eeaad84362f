using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Adafactor (Shazeer and Stern, arXiv 1804.04235, algorithms 4 and 5) with the step size from outside: the second moment of a matrix is kept as
/// row and column means, the update is clipped to a root mean square of 1 and scaled by that of the parameters.
/// </summary>
/// <remarks>Tensors of fewer than two dimensions keep one number each, in the row moment. beta2 is 1 - t^-0.8; eps1 1e-30, eps2 1e-3.</remarks>
static class Adafactor
{
    const double DecayPower = -0.8;
    const double Epsilon1 = 1e-30;
    const double Epsilon2 = 1e-3;

    /// <summary>Means over the last dimension; everything for a vector.</summary>
    internal static readonly Moment Rows = new("rows", shape => shape.Count < 2 ? shape : [.. shape.SkipLast(1), 1]);

    /// <summary>Means over the last dimension but one; a single unused number for a vector.</summary>
    internal static readonly Moment Columns = new("columns", shape => shape.Count < 2 ? [1] : [.. shape.SkipLast(2), 1, shape[^1]]);

    internal static OptimizerUpdate Begin(GraphBuilder g, OptimizerStep step)
    {
        var t = g.Cast(step.Number, OnnxType.Double);
        var fresh = g.Cast(g.Pow(t, g.Scalar(DecayPower, t)), OnnxType.Float);
        var keep = g.Sub(g.Constant(1f), fresh);

        return (value, gradient, moments) =>
        {
            gradient = step.Clipped(g, gradient);
            var squares = g.Add(g.Mul(gradient, gradient), Epsilon1);
            string second;
            string[] next;
            if (g.Info(value).Shape!.Count < 2)
            {
                second = Blend(moments[0], squares);
                next = [second, moments[1]];
            }
            else
            {
                next = [Blend(moments[0], g.ReduceMean(squares, -1)), Blend(moments[1], g.ReduceMean(squares, -2))];
                second = g.Mul(g.Div(next[0], g.ReduceMean(next[0], -2)), next[1]);
            }
            var update = g.Div(gradient, g.Sqrt(second));
            update = g.Div(update, g.Max(g.Constant(1f), RootMeanSquare(update)));
            var rate = g.Mul(step.LearningRate, g.Max(g.Constant((float)Epsilon2), RootMeanSquare(value)));
            return (g.Sub(step.Decayed(g, value), g.Mul(update, rate)), next);
        };

        string Blend(string moment, string current) => g.Add(g.Mul(moment, keep), g.Mul(current, fresh));

        string RootMeanSquare(string x) => g.Sqrt(g.ReduceMean(g.Mul(x, x), keepDims: false));
    }
}
