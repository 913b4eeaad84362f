using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What a head reads: one vector for a text, [batch, width], or for token classification every token, [batch, sequence, width].</summary>
static class PooledFeatures
{
    const string Query = "pooling.query";
    const float Masked = -1e9f;

    internal static FeatureView View(PoolingKind pooling, LearningTask task) => (task.Target, pooling) switch
    {
        (TargetKind.TokenClass, _) or (_, PoolingKind.Attention) => FeatureView.Tokens,
        (_, PoolingKind.Cls) => FeatureView.Cls,
        (_, PoolingKind.Max) => FeatureView.Max,
        _ => Poolers.Table.GetValueOrDefault(pooling)?.View ?? FeatureView.Mean,
    };

    /// <summary>Whether pooling itself has something to train.</summary>
    internal static bool IsTrained(PoolingKind pooling) => pooling == PoolingKind.Attention || Poolers.Table.ContainsKey(pooling);

    /// <summary>What pooling itself trains: for attention a query [width] that starts at zero, which is the mean; for a pooler its layer.</summary>
    internal static IEnumerable<TrainedTensor> Tensors(PoolingKind pooling, LearningTask task, int width, long seed) => (task.Target, pooling) switch
    {
        (TargetKind.TokenClass, _) => [],
        (_, PoolingKind.Attention) => [TrainedTensor.Constant(Query, 0, width)],
        _ => Poolers.Table.GetValueOrDefault(pooling)?.Tensors(width, seed) ?? [],
    };

    internal static string Of(HeadGraph head, PoolingKind pooling, LearningTask task, int layers = 1)
    {
        var g = head.Builder;
        var width = head.Width / layers;
        var features = LayerMix.Of(g, head.Features, layers, width);
        if (task.Target == TargetKind.TokenClass || !IsTrained(pooling))
            return features;
        if (Poolers.Table.TryGetValue(pooling, out var pooler))
            return pooler.Of(g, features);
        // [batch, sequence, width] x [width, 1], padding left out: [batch, 1, sequence].
        var scores = g.Mul(g.MatMul(features, g.Unsqueeze(Query, [1])), 1 / MathF.Sqrt(width));
        var padding = g.Mul(g.Sub(g.Constant(1f), head.Mask), Masked);
        var attention = g.Softmax(g.Add(g.SwapLastTwo(scores), g.Unsqueeze(padding, [1])), axis: -1);
        return g.Squeeze(g.MatMul(attention, features), 1);
    }

    /// <summary>
    /// What a head reads, computed in the graph from the hidden states [texts, sequence, width] and the mask [texts, sequence], padding counting for
    /// nothing; two texts of one example stand side by side.
    /// </summary>
    internal static string InGraph(GraphBuilder g, FeatureView view, int textsPerExample, string hidden, string mask)
    {
        var features = View();
        return textsPerExample == 1 ? features : g.Reshape(features, -1, textsPerExample * g.ShapeOf(hidden)[^1].Value);

        string View()
        {
            if (view == FeatureView.Cls)
                return g.Squeeze(g.Slice(hidden, axis: 1, start: 0, end: 1), 1);
            var tokens = g.Unsqueeze(mask, 2);
            if (view == FeatureView.Max)
                return g.ReduceMax(g.Where(g.Cast(tokens, OnnxType.Bool), hidden, g.Constant(float.MinValue)), [1], keepDims: false);
            var masked = g.Mul(hidden, tokens);
            return view == FeatureView.Tokens ? masked : g.Div(g.ReduceSum(masked, [1], keepDims: false), g.ReduceSum(mask, [1]));
        }
    }

    /// <summary>[rows, width], each row at length 1.</summary>
    internal static string UnitLength(GraphBuilder g, string features) => g.Div(features, g.Sqrt(g.Add(g.ReduceSum(g.Mul(features, features), axes: [1]), 1e-12)));

    /// <summary>A mask for a backbone that takes none: every token counts.</summary>
    internal static string Ones(GraphBuilder g, string hidden) => g.Add(g.Zeros(g.Concat(0, g.DimOf(hidden, 0), g.DimOf(hidden, 1)), hidden), 1);

    /// <summary>The backbone's mask [rows, sequence] as numbers, where the graph has it.</summary>
    internal static string MaskOf(GraphBuilder g, Backbone backbone, string hidden) =>
        backbone.InputNames.FirstOrDefault(i => backbone.RoleOf(i) == InputRole.Mask && g.Model.Graph.Inputs.Exists(own => own.Name == i)) is { } mask
            ? g.Cast(mask, OnnxType.Float)
            : Ones(g, hidden);
}
