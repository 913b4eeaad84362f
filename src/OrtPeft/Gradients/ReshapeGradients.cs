namespace OrtPeft.Gradients;

/// <summary>Operators that keep all elements in order.</summary>
static class ReshapeGradients
{
    /// <summary>Y = X. dX = dY.</summary>
    internal static void Identity(GradientScope g) => g.InputGradient(0, g.OutputGradient(0));

    /// <summary>Y = X in another shape. dX = dY in the shape of X.</summary>
    internal static void Reshape(GradientScope g) => g.InputGradient(0, g.ReshapeLike(g.OutputGradient(0), g.Input(0)));

    /// <summary>Y = X in another type. dX = dY in the type of X; rounding is ignored.</summary>
    internal static void Cast(GradientScope g) => g.InputGradient(0, g.Cast(g.OutputGradient(0), g.TypeOf(g.Input(0))));
}
