using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Puts a smaller tensor at a place among zeros.</summary>
static class Padding
{
    /// <summary>Zeros around <paramref name="part"/> along one axis, so that it is as long as <paramref name="whole"/> there.</summary>
    /// <param name="g">Where to write.</param>
    /// <param name="part">The smaller tensor.</param>
    /// <param name="whole">The tensor whose length is wanted.</param>
    /// <param name="axis">The axis, counted from the start.</param>
    /// <param name="before">How many zeros come first: an int64 vector of one element.</param>
    internal static string Place(GradientScope g, string part, string whole, int axis, string before)
    {
        var after = Subtract(g, Subtract(g, g.DimOf(whole, axis), before), g.DimOf(part, axis));
        var rank = g.RankOf(part);
        // Before opset 11 Pad takes no computed lengths.
        if (g.Opset < 11)
            return g.Concat(axis, ZerosLike(before), part, ZerosLike(after));
        var pads = Join(g, [Zeros(g, axis), before, Zeros(g, rank - 1), after, Zeros(g, rank - 1 - axis)]);
        return g.Node("Pad", [part, pads]);

        string ZerosLike(string length)
        {
            var shape = Join(g, Enumerable.Range(0, rank).Select(i => i == axis ? length : g.DimOf(part, i)));
            var one = g.Constant(Constants.Of("", g.TypeOf(part), [0], [.. Enumerable.Repeat(1L, rank)]));
            return g.Opset < 9 ? g.Node("Tile", [one, shape]) : g.Zeros(shape, part);
        }
    }

    /// <summary>Zeros around the rows of <paramref name="part"/>, which go to different positions along one axis.</summary>
    internal static string PlaceAt(GradientScope g, string part, string whole, int axis, string positions)
    {
        if (g.Opset < 11)
            throw g.Error($"stands in a model of opset {g.Opset}, which cannot scatter; export it with opset 11 or later");
        // For each position of the whole the row that belongs there, or the row of zeros after the last.
        var count = g.DimOf(part, axis);
        var rows = g.Range(g.Constant(0L), g.Squeeze(count, 0));
        var source = g.Node("ScatterElements", [g.Expand(count, g.DimOf(whole, axis)), positions, rows]);
        var rank = g.RankOf(part);
        var extended = g.Node("Pad", [part, g.Vector([.. Enumerable.Range(0, 2 * rank).Select(i => i == rank + axis ? 1L : 0L)])]);
        return g.Gather(extended, source, axis);
    }

    /// <summary>a - b of int64 vectors of one element, computed now when both are known.</summary>
    internal static string Subtract(GradientScope g, string a, string b) =>
        g.Known(a) is [var x] && g.Known(b) is [var y] ? g.Vector(x - y) : g.Sub(a, b);

    static string Zeros(GradientScope g, int count) => count == 0 ? "" : g.Vector(new long[count]);

    /// <summary>Int64 vectors joined, as one constant when all are known.</summary>
    internal static string Join(GradientScope g, IEnumerable<string> parts)
    {
        var given = parts.Where(p => p.Length > 0).ToArray();
        return Array.TrueForAll(given, p => g.Known(p) is not null) ? g.Vector([.. given.SelectMany(p => g.Known(p)!)]) : g.Concat(0, given);
    }
}
