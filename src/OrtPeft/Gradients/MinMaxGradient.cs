namespace OrtPeft.Gradients;

/// <summary>Y = the largest (smallest) of several. The gradient goes to those that equal Y, in equal shares.</summary>
static class MinMaxGradient
{
    internal static void Build(GradientScope g)
    {
        var y = g.Output(0);
        var type = g.TypeOf(y);
        var chosen = Enumerable.Range(0, g.InputCount).Select(i => g.Cast(g.Equal(g.Input(i), y), type)).ToArray();
        var share = chosen.Length == 1 ? g.OutputGradient(0) : g.Div(g.OutputGradient(0), g.Sum(chosen));
        for (var i = 0; i < chosen.Length; i++)
        {
            if (g.NeedsGradient(i))
                g.InputGradient(i, g.Mul(share, chosen[i]));
        }
    }
}
