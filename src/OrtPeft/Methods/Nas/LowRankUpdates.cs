using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// W' = W + U V^T - U0 V0^T beside chosen linear layers, with U [in, rank] and V [out, rank]: it starts as the backbone although neither factor is
/// zero, so that both get gradients and are pruned by the same measure. What is pruned stays at U0, V0.
/// </summary>
static class LowRankUpdates
{
    /// <summary>The six matrices of a layer.</summary>
    internal const string AllTargets = "q,k,v,o,ffn.in,ffn.out";

    internal static string U(string matrix) => matrix + ".U";

    internal static string V(string matrix) => matrix + ".V";

    internal static bool IsU(string tensor) => tensor.EndsWith(".U", StringComparison.Ordinal);

    internal static bool IsV(string tensor) => tensor.EndsWith(".V", StringComparison.Ordinal);

    /// <summary>The matrix that a factor belongs to.</summary>
    internal static string MatrixOf(string factor) => factor[..^2];

    internal static void Hook(HookScope scope, string targets, int layers, LowRankSpace space)
    {
        var g = scope.Graph;
        foreach (var (name, site, u, v) in Kept(scope, targets, layers, space))
        {
            // [U, U0] [V, -V0]^T in one product.
            var left = g.Concat(1, Trained(scope, u, space.Rate), Constant(g, u, 1));
            var right = g.Concat(1, Trained(scope, v, space.Rate), Constant(g, v, -1));
            scope.Add(site, name, x => g.MatMul(g.MatMul(x, left), g.SwapLastTwo(right)));
        }
    }

    /// <summary>Writes the trained updates into the weights.</summary>
    internal static void Fuse(HookScope scope, string targets, int layers, LowRankSpace space)
    {
        foreach (var (name, site, u, v) in Kept(scope, targets, layers, space))
        {
            scope.EditWeight(site, name, w =>
            {
                w.AddProduct(Transposed(Values(scope, u), u.Columns), Values(scope, v), 1);
                w.AddProduct(Transposed(u.Start, u.Columns), v.Start, -1);
            });
        }
    }

    /// <summary>The chosen matrices that something was kept of, layer by layer.</summary>
    static IEnumerable<(string Name, LinearSite Site, LowRankFactor U, LowRankFactor V)> Kept(HookScope scope, string targets, int layers, LowRankSpace space) =>
        from layer in Lora.Targets(scope, layers, targets).GroupBy(t => t.Name[..t.Name.IndexOf('.', "layer.".Length)])
        from target in layer
        let factors = space.Of(target.Name, target.Site.InWidth, target.Site.Columns.Sum(c => c.Count))
        where factors is not null
        select (target.Name, target.Site, factors.Value.U, factors.Value.V);

    /// <summary>A factor with its trained entries at their places.</summary>
    static string Trained(HookScope scope, LowRankFactor factor, double rate)
    {
        var g = scope.Graph;
        if (factor.Places is { Length: 0 })
            return Constant(g, factor, 1);
        var start = new InitialValues((_, _, _) => factor.StartOfTrained);
        if (factor.Places is not { } places)
            return scope.TrainAt(rate, factor.Name, start, factor.Rows, factor.Columns);
        var all = SparseValues.Write(g, factor.Start, places, scope.TrainAt(rate, factor.Name, start, places.Length));
        return g.Reshape(all, factor.Rows, factor.Columns);
    }

    static string Constant(GraphBuilder g, LowRankFactor factor, float sign) => g.Constant([.. factor.Start.Select(v => sign * v)], factor.Rows, factor.Columns);

    static float[] Values(HookScope scope, LowRankFactor factor) =>
        factor.Places is { Length: 0 } ? factor.Start : SparseValues.Write(factor.Start, factor.Places, scope.Trained(factor.Name));

    static float[] Transposed(float[] values, int columns) =>
        [.. from column in Enumerable.Range(0, columns) from row in Enumerable.Range(0, values.Length / columns) select values[row * columns + column]];
}
