namespace OrtPeft;

/// <summary>x_0 = features; x_i = GELU(x_(i-1) W_i^T + b_i), W_i [hidden, width of x_(i-1)]; scores = x_n W^T + b.</summary>
static class Mlp
{
    internal static IReadOnlyList<TrainedTensor> Tensors(MlpOptions options, LearningTask task, int width, long seed)
    {
        var tensors = new List<TrainedTensor>(PooledFeatures.Tensors(options.Pooling, task, width, seed));
        for (var layer = 0; layer < options.Layers; layer++)
        {
            tensors.Add(TrainedTensor.XavierUniform(Weight(layer), seed, options.Hidden, layer == 0 ? width : options.Hidden));
            tensors.Add(TrainedTensor.Constant(Bias(layer), 0, options.Hidden));
        }
        return [.. tensors, .. OutputLayer.Tensors(task, options.Hidden, seed)];
    }

    internal static TunableGraph Graph(MlpOptions options, LearningTask task, IReadOnlyList<TrainedTensor> tensors) => new()
    {
        View = PooledFeatures.View(options.Pooling, task),
        Target = task.Target,
        Tensors = tensors,
        Forward = head => Forward(head, options, task),
        Loss = task.Loss,
    };

    static string Forward(HeadGraph head, MlpOptions options, LearningTask task)
    {
        var g = head.Builder;
        var x = PooledFeatures.Of(head, options.Pooling, task);
        // The tokens of a text share a dropout mask.
        long[] mask = g.RankOf(x) == 3 ? [0, 1, options.Hidden] : [0, options.Hidden];
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var linear = g.Add(g.MatMul(x, g.Transpose(Weight(layer), [1, 0])), Bias(layer));
            x = head.Dropout(g.Gelu(linear), (float)options.Dropout, mask);
        }
        return OutputLayer.Scores(g, task, x);
    }

    static string Weight(int layer) => $"hidden.{layer}.weight";

    static string Bias(int layer) => $"hidden.{layer}.bias";
}
