namespace OrtPeft.Gradients;

/// <summary>Y = X * mask / (1 - ratio) in training mode, otherwise X. dX = dY * mask / (1 - ratio).</summary>
static class DropoutGradient
{
    internal static void Build(GradientScope g)
    {
        if (!g.HasInput(2) || g.Known(g.Input(2)) is [0])
        {
            g.InputGradient(0, g.OutputGradient(0));
            return;
        }
        var dY = g.OutputGradient(0);
        var kept = g.Where(g.ExtraOutput(1), dY, g.Scalar(0, dY));
        var ratio = g.HasInput(1) ? g.Cast(g.Input(1), g.TypeOf(dY)) : g.Scalar(0.5, dY);
        var scaled = g.Div(kept, g.Sub(g.Scalar(1, dY), ratio));
        g.InputGradient(0, g.Known(g.Input(2)) is not null ? scaled : g.Where(g.Input(2), scaled, dY));
    }
}
