namespace OrtPeft;

/// <summary>The linear probe: one linear layer on pooled features, cross-entropy.</summary>
static class LinearProbe
{
    const string Weight = "classifier.weight";
    const string Bias = "classifier.bias";

    internal static TunableGraph Apply(LinearProbeOptions options, Backbone backbone, IReadOnlyList<string> labels, long seed) =>
        Graph(options, [TrainedTensor.Normal(Weight, 0.02, seed, labels.Count, backbone.Hidden), TrainedTensor.Constant(Bias, 0, labels.Count)]);

    internal static TunableGraph Graph(LinearProbeOptions options, IReadOnlyList<TrainedTensor> tensors) => new()
    {
        View = options.Pooling == PoolingKind.Mean ? FeatureView.Mean : FeatureView.Cls,
        Tensors = tensors,
        // [batch, width] x [labels, width]^T + [labels]
        Forward = head => head.Builder.Gemm(head.Features, Weight, Bias, transB: true),
        Loss = CrossEntropyLoss.Build,
    };
}
