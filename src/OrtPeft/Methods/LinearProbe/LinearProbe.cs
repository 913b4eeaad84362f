namespace OrtPeft;

/// <summary>The linear probe: one linear layer on the features of a text, or of each token.</summary>
static class LinearProbe
{
    internal static TunableGraph Apply(LinearProbeOptions options, Backbone backbone, LearningTask task, long seed) => task is SimilarityTask
        ? CosineHead.Graph(options.Pooling, task, CosineHead.Tensors(backbone.Hidden))
        : Graph(options, task, [.. LayerMix.Tensors(options.Layers), .. PooledFeatures.Tensors(options.Pooling, task, backbone.Hidden, seed), .. OutputLayer.Tensors(task, backbone.Hidden, seed)]);

    internal static TunableGraph Graph(LinearProbeOptions options, LearningTask task, IReadOnlyList<TrainedTensor> tensors) => new()
    {
        View = PooledFeatures.View(options.Pooling, task),
        Layers = options.Layers,
        Target = task.Target,
        Tensors = tensors,
        Forward = head => OutputLayer.Scores(head.Builder, task, PooledFeatures.Of(head, options.Pooling, task, options.Layers)),
        Loss = task.Loss,
    };
}
