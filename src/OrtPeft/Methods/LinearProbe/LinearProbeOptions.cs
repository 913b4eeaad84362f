namespace OrtPeft;

/// <summary>How token features become one vector.</summary>
public enum PoolingKind
{
    /// <summary>Mean over all tokens, special tokens included.</summary>
    Mean,

    /// <summary>The first token.</summary>
    Cls,
}

/// <summary>A linear layer on pooled, frozen features: scores = x W^T + b. Trains labels x (width + 1) values.</summary>
public sealed record LinearProbeOptions : MethodOptions
{
    internal const string Name = "linear-probe";

    /// <summary>How token features become one vector: mean or cls.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => new() { Epochs = 60, BatchSize = 32, LearningRate = 1e-2, WeightDecay = 0.01, Patience = 0 };

    internal override TunableGraph Apply(Backbone backbone, IReadOnlyList<string> labels, long seed) => LinearProbe.Apply(this, backbone, labels, seed);
}
