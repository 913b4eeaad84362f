using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A trained layer between the pooled hidden state h and the last layer: activation(W h + b), or LayerNorm(activation(W h)) with a trained scale.</summary>
/// <param name="View">What h is.</param>
/// <param name="Activation">The activation.</param>
/// <param name="IsNormalised">Whether a norm follows; then neither layer nor norm has a bias.</param>
sealed record Pooler(FeatureView View, Func<GraphBuilder, string, string> Activation, bool IsNormalised = false)
{
    internal const string Weight = "pooling.weight", Bias = "pooling.bias", Norm = "pooling.norm";

    /// <summary>W [width, width], and b or the norm's scale [width].</summary>
    internal IEnumerable<TrainedTensor> Tensors(int width, long seed) =>
        [TrainedTensor.XavierUniform(Weight, seed, width, width), IsNormalised ? TrainedTensor.Constant(Norm, 1, width) : TrainedTensor.Constant(Bias, 0, width)];

    /// <summary>[batch, width] to [batch, width].</summary>
    internal string Of(GraphBuilder g, string features) => IsNormalised
        ? g.LayerNormalization(Activation(g, g.MatMul(features, g.SwapLastTwo(Weight))), Norm)
        : Activation(g, g.Gemm(features, Weight, Bias, transB: true));
}

/// <summary>All poolings that are such a layer.</summary>
static class Poolers
{
    internal static readonly IReadOnlyDictionary<PoolingKind, Pooler> Table = new Dictionary<PoolingKind, Pooler>
    {
        [PoolingKind.Pooler] = new(FeatureView.Cls, (g, x) => g.Tanh(x)),
        [PoolingKind.PoolerGelu] = new(FeatureView.Cls, (g, x) => g.Gelu(x)),
        [PoolingKind.PoolerRelu] = new(FeatureView.Cls, (g, x) => g.Relu(x)),
        [PoolingKind.PoolerNorm] = new(FeatureView.Cls, (g, x) => g.Gelu(x), IsNormalised: true),
        [PoolingKind.PoolerNormMean] = new(FeatureView.Mean, (g, x) => g.Gelu(x), IsNormalised: true),
    };
}
