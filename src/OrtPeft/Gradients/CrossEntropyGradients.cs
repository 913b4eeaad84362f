using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Losses over class scores X[N, C, ...] with integer labels, weights per class and a label to ignore. With w = the label's weight,
/// divided by the sum of all weights when the reduction is "mean": loss = - sum w * logP[label].
/// </summary>
static class CrossEntropyGradients
{
    /// <summary>
    /// logP = LogSoftmax(X, 1). dX = w * (softmax X - onehot(label)) * dLoss, plus the gradient through the second output logP.
    /// </summary>
    internal static void SoftmaxCrossEntropy(GradientScope g)
    {
        var x = g.Input(0);
        var probability = g.Output(1).Length > 0 ? g.Exp(g.Output(1)) : g.Softmax(x, 1);
        if (g.HasOutputGradient(0))
            g.InputGradient(0, g.Mul(g.Sub(probability, Labels(g)), Weighted(g)));
        if (g.Output(1).Length > 0 && g.HasOutputGradient(1))
        {
            var dLog = g.OutputGradient(1);
            g.InputGradient(0, g.Sub(dLog, g.Mul(probability, g.ReduceSum(dLog, 1))));
        }
    }

    /// <summary>X = logP. dX = -w * onehot(label) * dLoss.</summary>
    internal static void NegativeLogLikelihood(GradientScope g) => g.InputGradient(0, g.Neg(g.Mul(Labels(g), Weighted(g))));

    /// <summary>1 at each label's class, 0 elsewhere: [N, C, ...].</summary>
    static string Labels(GradientScope g)
    {
        var x = g.Input(0);
        var label = g.Unsqueeze(g.Input(1), 1);
        var shape = g.ShapeOf(x).Select((_, i) => i == 1 ? -1L : 1L).ToArray();
        var classes = g.Reshape(g.Range(g.Constant(0L), g.Squeeze(g.DimOf(x, 1), 0)), shape);
        return g.Cast(g.Equal(label, g.Cast(classes, g.TypeOf(label))), g.TypeOf(x));
    }

    /// <summary>The upstream gradient times each label's weight: [N, 1, ...], or [1] where every label weighs the same.</summary>
    static string Weighted(GradientScope g)
    {
        var (x, label, dLoss) = (g.Input(0), g.Input(1), g.OutputGradient(0));
        var reduction = g.Attribute("reduction", "mean");
        var weight = Weight(g, x, label);
        if (reduction == "none")
            dLoss = g.Unsqueeze(dLoss, 1);
        if (weight is not null)
        {
            if (reduction == "mean")
                dLoss = g.Div(dLoss, g.ReduceSum(weight, keepDims: false));
            return g.Mul(dLoss, g.Unsqueeze(weight, 1));
        }
        return reduction == "mean" ? g.Div(dLoss, g.Cast(g.Node("Size", [label]), g.TypeOf(x))) : dLoss;
    }

    /// <summary>The weight of each label; null when all weigh 1.</summary>
    static string? Weight(GradientScope g, string x, string label)
    {
        var ignored = g.Current.Attribute("ignore_index")?.Int;
        string? kept = null;
        if (ignored is { } index)
        {
            kept = g.Not(g.Equal(label, g.Cast(g.Constant(index), g.TypeOf(label))));
            label = g.Where(kept, label, g.Cast(g.Constant(0L), g.TypeOf(label)));
        }
        if (!g.HasInput(2))
            return kept is null ? null : g.Cast(kept, g.TypeOf(x));
        var weight = g.Gather(g.Input(2), label);
        return kept is null ? weight : g.Where(kept, weight, g.Scalar(0, weight));
    }
}
