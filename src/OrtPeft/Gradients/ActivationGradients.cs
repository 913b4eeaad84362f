namespace OrtPeft.Gradients;

/// <summary>Activation functions.</summary>
static class ActivationGradients
{
    /// <summary>Y = tanh X. dX = dY * (1 - Y^2).</summary>
    internal static void Tanh(GradientScope g)
    {
        var y = g.Output(0);
        g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Sub(g.Scalar(1, y), g.Mul(y, y))));
    }

    /// <summary>Y = sigmoid X. dX = dY * Y * (1 - Y).</summary>
    internal static void Sigmoid(GradientScope g)
    {
        var y = g.Output(0);
        g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Sub(y, g.Mul(y, y))));
    }

    /// <summary>Y = max(X, 0). dX = dY where Y is positive.</summary>
    internal static void Relu(GradientScope g) => g.InputGradient(0, Where(g, g.Greater(g.Output(0), g.Scalar(0, g.Output(0))), 0));

    /// <summary>Y = X where X is positive, elsewhere alpha X. dX = dY or alpha dY.</summary>
    internal static void LeakyRelu(GradientScope g) =>
        g.InputGradient(0, Where(g, g.Greater(g.Input(0), g.Scalar(0, g.Input(0))), g.Attribute("alpha", 0.01f)));

    /// <summary>Y = X where X is positive, elsewhere alpha (exp X - 1). dX = dY or dY * (Y + alpha).</summary>
    internal static void Elu(GradientScope g)
    {
        var dY = g.OutputGradient(0);
        var positive = g.Greater(g.Input(0), g.Scalar(0, g.Input(0)));
        g.InputGradient(0, g.Where(positive, dY, g.Mul(dY, g.Add(g.Output(0), g.Attribute("alpha", 1f)))));
    }

    /// <summary>Y = log(1 + exp X). dX = dY * sigmoid X.</summary>
    internal static void Softplus(GradientScope g) => g.InputGradient(0, g.Mul(g.OutputGradient(0), g.Sigmoid(g.Input(0))));

    /// <summary>Y = min(max(alpha X + beta, 0), 1). dX = alpha dY where 0 &lt; Y &lt; 1.</summary>
    internal static void HardSigmoid(GradientScope g)
    {
        var y = g.Output(0);
        var inside = g.And(g.Greater(y, g.Scalar(0, y)), g.Less(y, g.Scalar(1, y)));
        g.InputGradient(0, g.Mul(Where(g, inside, 0), g.Attribute("alpha", 0.2f)));
    }

    /// <summary>Y = X * min(max(X/6 + 1/2, 0), 1). dX = dY * (0 below -3, 1 above 3, X/3 + 1/2 between).</summary>
    internal static void HardSwish(GradientScope g)
    {
        var x = g.Input(0);
        var dY = g.OutputGradient(0);
        var between = g.Mul(dY, g.Add(g.Mul(x, 1.0 / 3), 0.5));
        var upper = g.Where(g.Less(x, g.Scalar(3, x)), between, dY);
        g.InputGradient(0, g.Where(g.Greater(x, g.Scalar(-3, x)), upper, g.Scalar(0, x)));
    }

    static string Where(GradientScope g, string condition, double otherwise)
    {
        var dY = g.OutputGradient(0);
        return g.Where(condition, dY, otherwise == 0 ? g.Scalar(0, dY) : g.Mul(dY, otherwise));
    }
}
