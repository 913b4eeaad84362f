using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Running sums, triangles and largest elements.</summary>
static class SequenceGradients
{
    /// <summary>Y = running sum of X. dX = running sum of dY in the other direction.</summary>
    internal static void CumSum(GradientScope g) => g.InputGradient(0, g.Node("CumSum", [g.OutputGradient(0), g.Input(1)],
        new OnnxAttribute("exclusive", g.Attribute("exclusive", 0)), new OnnxAttribute("reverse", 1 - g.Attribute("reverse", 0))));

    /// <summary>Y = upper or lower triangle of X. dX = the same triangle of dY.</summary>
    internal static void Trilu(GradientScope g) => g.InputGradient(0, g.Node(
        "Trilu", g.HasInput(1) ? [g.OutputGradient(0), g.Input(1)] : [g.OutputGradient(0)], new OnnxAttribute("upper", g.Attribute("upper", 1))));

    /// <summary>Y = the k largest of X along an axis. dX = dY at their places; no place is taken twice.</summary>
    internal static void TopK(GradientScope g) => g.InputGradient(0, g.Node(
        "ScatterElements", [g.Zeros(g.Shape(g.Input(0)), g.Input(0)), g.ExtraOutput(1), g.OutputGradient(0)],
        new OnnxAttribute("axis", g.Attribute("axis", -1))));
}
