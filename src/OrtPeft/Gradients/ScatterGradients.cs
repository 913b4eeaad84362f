using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Y = X with updates written at (or added to) some places. dX = dY, zero where it was overwritten; dUpdates = dY at those places.
/// </summary>
static class ScatterGradients
{
    internal static void Elements(GradientScope g)
    {
        var axis = new OnnxAttribute("axis", g.Attribute("axis", 0));
        Build(g, "ScatterElements", "GatherElements", axis);
    }

    internal static void ND(GradientScope g) => Build(g, "ScatterND", "GatherND");

    static void Build(GradientScope g, string scatter, string gather, params OnnxAttribute[] attributes)
    {
        var (dY, indices) = (g.OutputGradient(0), g.Input(1));
        switch (g.Attribute("reduction", "none"))
        {
            case "add":
                g.InputGradient(0, dY);
                break;
            case "none":
                if (g.NeedsGradient(0))
                    g.InputGradient(0, g.Node(scatter, [dY, indices, g.Zeros(g.Shape(g.Input(2)), dY)], attributes));
                break;
            case var other:
                throw g.Error($"has reduction '{other}'; gradients exist for 'none' and 'add'");
        }
        if (g.NeedsGradient(2))
            g.InputGradient(2, g.Node(gather, [dY, indices], attributes));
    }
}
