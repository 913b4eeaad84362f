using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Few trained entries among many that stay as they are.</summary>
static class SparseValues
{
    /// <summary>A constant vector with trained entries in some places; gradients reach those alone.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="rest">The whole vector.</param>
    /// <param name="places">Where the trained entries stand.</param>
    /// <param name="trained">Them: float [places].</param>
    internal static string Write(GraphBuilder g, float[] rest, int[] places, string trained) =>
        g.Node("ScatterElements", [g.Constant(rest, rest.Length), g.Vector([.. places.Select(p => (long)p)]), trained]);

    /// <summary>The same with values; null places are all.</summary>
    internal static float[] Write(float[] rest, int[]? places, float[] trained)
    {
        if (places is null)
            return trained;
        var all = (float[])rest.Clone();
        for (var i = 0; i < places.Length; i++)
            all[places[i]] = trained[i];
        return all;
    }
}
