namespace OrtPeft;

/// <summary>
/// A linear layer on frozen features: scores = x W^T + b. Trains outputs x (width + 1) values, and width more with attention pooling. For the
/// similarity of pairs: the cosine of both texts after a trained linear map, width x width values.
/// </summary>
public sealed record LinearProbeOptions : MethodOptions
{
    internal const string Name = "linear-probe";

    /// <summary>How token features become one vector: mean, cls, max, attention or pooler. Token classification reads every token.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => new() { Epochs = 60, BatchSize = 32, LearningRate = 1e-2, WeightDecay = 0.01, Patience = 0 };

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed) => LinearProbe.Apply(this, backbone, task, seed);
}
