using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Y = slices of X by coordinates. The coordinates become row numbers of X seen as a matrix, whose rows of dX are sums as for Gather.
/// </summary>
static class GatherNDGradient
{
    internal static void Build(GradientScope g)
    {
        var (x, indices) = (g.Input(0), g.Input(1));
        var batch = (int)g.Attribute("batch_dims", 0);
        var depth = g.ShapeOf(indices)[^1] is { IsKnown: true } known ? (int)known.Value : throw g.Error("has coordinates of unknown length");
        var rows = Enumerable.Range(batch, depth).Aggregate<int, string?>(null, (sum, i) =>
        {
            var coordinate = g.Squeeze(g.Slice(indices, -1, i - batch, i - batch + 1), -1);
            var size = g.DimOf(x, i);
            var positive = g.Where(g.Less(coordinate, g.Constant(0L)), g.Add(coordinate, size), coordinate);
            return sum is null ? positive : g.Add(g.Mul(sum, size), positive);
        })!;
        // Batch dimensions count the rows of all examples before.
        for (var i = batch - 1; i >= 0; i--)
        {
            var perStep = Enumerable.Range(i + 1, batch + depth - i - 1).Select(k => g.DimOf(x, k)).Aggregate(g.Mul);
            var step = g.Mul(g.Range(g.Constant(0L), g.Squeeze(g.DimOf(x, i), 0)), perStep);
            rows = g.Add(rows, g.Unsqueeze(step, [.. Enumerable.Range(0, g.RankOf(rows)).Where(k => k != i).Select(k => (long)k)]));
        }
        var width = g.RankOf(x) == batch + depth ? g.Vector(1)
            : Enumerable.Range(batch + depth, g.RankOf(x) - batch - depth).Select(k => g.DimOf(x, k)).Aggregate(g.Mul);
        var count = Enumerable.Range(0, batch + depth).Select(k => g.DimOf(x, k)).Aggregate(g.Mul);
        var flat = g.Reshape(g.OutputGradient(0), g.Concat(0, g.Vector(-1), width));
        g.InputGradient(0, g.Reshape(GatherGradient.Scatter(g, flat, g.Reshape(rows, -1), count), g.Shape(x)));
    }
}
