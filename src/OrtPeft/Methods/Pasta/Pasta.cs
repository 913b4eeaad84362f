using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>H'[i] = H[i] + E[rank of i among the special tokens] where token i is special (section 3 of the paper).</summary>
static class Pasta
{
    internal static void Hook(HookScope scope, PastaOptions options)
    {
        var ids = scope.Ids;
        var special = scope.Backbone.RequireTokenizer().Encode("", "").Ids;
        var count = options.SpecialTokens == 0 ? special.Length : options.SpecialTokens;
        if (count == 0)
            throw new OrtPeftException($"pasta: the tokenizer of '{scope.Backbone.Name}' adds no special tokens, so there is nothing to train. Choose another method.");
        var (g, width) = (scope.Graph, scope.Backbone.Hidden);
        var places = Places(g, ids, special.Distinct(), count);
        foreach (var (name, layer) in scope.Layers(options.Layers))
        {
            var vectors = scope.Train($"{name}.special", Initial.Normal(0.02), count, width);
            vectors = scope.Dropout(vectors, options.Dropout, Dropouts.Batch, count, width);
            scope.After(scope.Require(layer.Input, name), h => g.Add(h, g.MatMul(places, vectors)));
        }
    }

    /// <summary>1 where a token is the k-th special one, else 0: [rows, sequence, count].</summary>
    static string Places(GraphBuilder g, string ids, IEnumerable<int> special, int count)
    {
        var isSpecial = special.Select(id => g.Equal(ids, g.Constant((long)id))).Aggregate(g.Or);
        var rank = g.Node("CumSum", [g.Cast(isSpecial, OnnxType.Int64), g.Constant(1L)], new OnnxAttribute("exclusive", 1));
        var isRank = g.Equal(g.Unsqueeze(rank, 2), g.Vector([.. Enumerable.Range(0, count).Select(k => (long)k)]));
        return g.Cast(g.And(isRank, g.Unsqueeze(isSpecial, 2)), OnnxType.Float);
    }
}
