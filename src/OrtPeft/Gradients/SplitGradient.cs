namespace OrtPeft.Gradients;

/// <summary>Y1, Y2, ... = X cut along an axis. dX = dY1, dY2, ... joined, zeros for parts nobody uses.</summary>
static class SplitGradient
{
    internal static void Build(GradientScope g) => g.InputGradient(0, g.Concat(
        g.Attribute("axis", 0), [.. Enumerable.Range(0, g.OutputCount).Select(g.OutputGradient)]));
}
