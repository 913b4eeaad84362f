namespace OrtPeft;

/// <summary>The similarity of two texts: cos(W u, W v) of their pooled features u and v, W [width, width] trained. It starts as cos(u, v).</summary>
static class CosineHead
{
    const string Map = "projection.weight";

    internal static IReadOnlyList<TrainedTensor> Tensors(int width)
    {
        var map = TrainedTensor.Constant(Map, 0, width, width);
        for (var i = 0; i < width; i++)
            map.Values[i * width + i] = 1;
        return [map];
    }

    internal static TunableGraph Graph(PoolingKind pooling, LearningTask task, IReadOnlyList<TrainedTensor> tensors)
    {
        if (PooledFeatures.IsTrained(pooling))
            throw new OrtPeftException("Pooling that is trained is not for the similarity of pairs; expected pooling=mean, cls or max.");
        return new()
        {
            View = PooledFeatures.View(pooling, task),
            TextsPerExample = task.TextsPerExample,
            Target = task.Target,
            Tensors = tensors,
            Forward = Forward,
            Loss = task.Loss,
        };
    }

    /// <summary>[batch, 2 width] to [batch, 1].</summary>
    static string Forward(HeadGraph head)
    {
        const float Epsilon = 1e-12f;
        var g = head.Builder;
        var width = head.Width / 2;
        var map = g.Transpose(Map, [1, 0]);
        var u = g.MatMul(g.Slice(head.Features, axis: 1, start: 0, end: width), map);
        var v = g.MatMul(g.Slice(head.Features, axis: 1, start: width, end: 2 * width), map);
        return g.Div(Dot(u, v), g.Sqrt(g.Add(g.Mul(Dot(u, u), Dot(v, v)), Epsilon)));

        string Dot(string a, string b) => g.ReduceSum(g.Mul(a, b), axes: [1]);
    }
}
