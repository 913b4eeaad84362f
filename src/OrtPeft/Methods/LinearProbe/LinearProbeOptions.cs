namespace OrtPeft;

/// <summary>
/// A linear layer on frozen features: scores = x W^T + b. Trains outputs x (width + 1) values, width more with attention pooling, and
/// layers + 1 more with a mix of layers. For the similarity of pairs: the cosine of both texts after a trained linear map, width x width values.
/// </summary>
public sealed record LinearProbeOptions : MethodOptions
{
    internal const string Name = "linear-probe";

    /// <summary>How token features become one vector: mean, cls, max, attention or a layer on the first token (pooler, pooler-gelu, pooler-relu, pooler-norm). Token classification reads every token.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <summary>How many of the last hidden states are read, mixed with trained weights (ELMo, Peters et al. 2018, equation 1); 1 reads the last alone.</summary>
    public int Layers { get; init; } = 1;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => new() { Epochs = 60, BatchSize = 32, LearningRate = 1e-2, WeightDecay = 0.01, Patience = 0 };

    internal override string? Unmergeable => Layers > 1 ? $"it reads the last {Layers} layers" : null;

    internal override string Frontier(Backbone backbone) => LastLayers.SiteOf(Layers);

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        RequireRange(nameof(Layers), Layers, 1, Math.Max(1, backbone.Layers));
        if (Layers > 1 && task is SimilarityTask)
            throw new OrtPeftException($"Linear probe: layers is {Layers}; for the task {task.Name} only the last hidden state is compared. Expected layers=1.");
        return LinearProbe.Apply(this, backbone, task, seed);
    }
}
