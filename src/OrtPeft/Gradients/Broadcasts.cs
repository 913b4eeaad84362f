using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Undoes broadcasting: sums a gradient over the axes along which an input was repeated.</summary>
static class Broadcasts
{
    /// <summary>The gradient with the shape of <paramref name="like"/>.</summary>
    internal static string Undo(GradientScope g, string gradient, string like)
    {
        var from = g.ShapeOf(gradient);
        var to = g.ShapeOf(like);
        if (from.Count < to.Count)
            return Undo(g, g.ExpandLike(gradient, like), like);
        var leading = from.Count - to.Count;
        var summed = new List<long>();
        var undecided = new List<int>();
        for (var axis = leading; axis < from.Count; axis++)
        {
            Dim have = from[axis], want = to[axis - leading];
            if (have.Same(want) || want.IsCapOf(have))
                continue;
            if (want.Is(1))
                summed.Add(axis);
            else if (have.Is(1))
                return Undo(g, g.ExpandLike(gradient, like), like);
            else if (!want.IsKnown)
                undecided.Add(axis);
        }
        foreach (var axis in undecided)
            gradient = UndoAtRunTime(g, gradient, like, axis, axis - leading);
        gradient = g.ReduceSum(gradient, [.. summed]);
        return g.ReduceSum(gradient, [.. Enumerable.Range(0, leading).Select(i => (long)i)], keepDims: false);
    }

    /// <summary>
    /// Where only running the graph tells whether the input was repeated along an axis: takes the sum, or the gradient as it is.
    /// </summary>
    static string UndoAtRunTime(GradientScope g, string gradient, string like, int axis, int inputAxis)
    {
        var isSame = g.Equal(g.DimOf(gradient, axis), g.DimOf(like, inputAxis));
        var both = g.Concat(axis, g.ReduceSum(gradient, axis), gradient);
        return g.Slice(both, axis, g.Where(isSame, g.Vector(1), g.Vector(0)), g.Where(isSame, g.Vector(long.MaxValue), g.Vector(1)));
    }
}
