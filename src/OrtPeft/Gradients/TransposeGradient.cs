namespace OrtPeft.Gradients;

/// <summary>Y = X with its dimensions reordered. dX = dY with the reordering undone.</summary>
static class TransposeGradient
{
    internal static void Build(GradientScope g)
    {
        var rank = g.RankOf(g.Input(0));
        var order = g.Current.Ints("perm") ?? [.. Enumerable.Range(1, rank).Select(i => (long)(rank - i))];
        var inverse = new long[rank];
        for (var i = 0; i < rank; i++)
            inverse[order[i]] = i;
        g.InputGradient(0, g.Transpose(g.OutputGradient(0), inverse));
    }
}
