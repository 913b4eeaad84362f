namespace OrtPeft.Gradients;

/// <summary>Y = X repeated by broadcasting. dX = dY summed over the repetitions, which is what the driver does for every operator.</summary>
static class ExpandGradient
{
    internal static void Build(GradientScope g) => g.InputGradient(0, g.OutputGradient(0));
}
