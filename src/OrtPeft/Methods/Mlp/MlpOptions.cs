namespace OrtPeft;

/// <summary>
/// A multi-layer perceptron on frozen features: one or more layers of GELU(x W^T + b) with dropout, then a linear layer. Trains with one layer
/// hidden x (width + 1) + outputs x (hidden + 1) values.
/// </summary>
public sealed record MlpOptions : MethodOptions
{
    internal const string Name = "mlp";

    /// <summary>How token features become one vector: mean, cls, max, attention or a layer on the first token (pooler, pooler-gelu, pooler-relu, pooler-norm). Token classification reads every token.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <summary>Width of the hidden layers.</summary>
    public int Hidden { get; init; } = 256;

    /// <summary>Hidden layers.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Dropout rate after each hidden layer while training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override string? Unmergeable => "its head is more than one linear layer";

    internal override TrainingOptions Defaults(int examples) => new() { Epochs = 20, BatchSize = 32, LearningRate = 1e-3, WeightDecay = 0.01, Patience = 0 };

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        RequireRange(nameof(Hidden), Hidden, 1, 1 << 16);
        RequireRange(nameof(Layers), Layers, 1, 16);
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
        RequireNot(task is SimilarityTask, task);
        return Mlp.Graph(this, task, Mlp.Tensors(this, task, backbone.Hidden, seed));
    }
}
