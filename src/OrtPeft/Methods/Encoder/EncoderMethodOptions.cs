namespace OrtPeft;

/// <summary>Options of a method that trains inside the backbone, with a linear head behind it.</summary>
public abstract record EncoderMethodOptions : MethodOptions
{
    /// <summary>Layers that are tuned, counted from the last; 0 tunes all. What comes before them is frozen, computed once and cached.</summary>
    public int Layers { get; init; }

    /// <summary>How token states become one vector for the head: mean, cls, max, attention or a layer on the first token (pooler, pooler-gelu, pooler-relu, pooler-norm). Token classification reads every token.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <summary>Learning rate of the head as a multiple of --learning-rate.</summary>
    public double HeadRate { get; init; } = 2.5;

    /// <summary>Dropout rate while training on what attention and feed-forward network of every tuned layer add, and on the embeddings where all layers are tuned.</summary>
    public double BackboneDropout { get; init; }

    /// <summary>Head that training begins with: random, or trained on the frozen features before: linear-probe or logistic-regression.</summary>
    public HeadStart Head { get; init; }

    internal override IReadOnlyList<Stage> Stages => Head == HeadStart.Random ? [] : [HeadStage.Of(this)];

    internal override MethodOptions After(IReadOnlyList<Adapter> stages) => this with { Start = stages[^1].Tensors };

    internal override string Frontier(Backbone backbone) => Encoder(backbone, seed: null).Frontier?.Name ?? backbone.InputNames[0];

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        RequireRange(nameof(HeadRate), HeadRate, 0, 1e6);
        RequireRange(nameof(BackboneDropout), BackboneDropout, 0, 0.9);
        Validate(backbone);
        var head = LinearProbe.Apply(new LinearProbeOptions { Pooling = Pooling }, backbone, task, seed);
        var encoder = Encoder(backbone, seed);
        return head with { Encoder = encoder, Tensors = [.. encoder.Tensors, .. head.Tensors.Select(t => t with { Rate = HeadRate })] };
    }

    internal override long CountParameters(Backbone backbone, LearningTask task) => Encoder(backbone, seed: null).Tensors.Sum(t => t.Count)
        + LinearProbe.Apply(new LinearProbeOptions { Pooling = Pooling }, backbone, task, seed: 0).Parameters;

    /// <summary>Checks the method's own options.</summary>
    private protected virtual void Validate(Backbone backbone)
    {
    }

    /// <summary>Writes the method's edits into the backbone's graph.</summary>
    /// <exception cref="OrtPeftException">A site that the method needs was not found.</exception>
    private protected abstract void Hook(HookScope scope);

    /// <summary>Writes a trained result into the graph so that it costs least: into the weights where that is exact.</summary>
    private protected virtual void Fuse(HookScope scope) => Hook(scope);

    /// <summary>What of a trained result stays beside the weights; null when it fuses without a trace.</summary>
    internal virtual string? Leftover => null;

    /// <summary>The options without those that concern the head alone: adapters that agree in these change the backbone in the same places.</summary>
    internal EncoderMethodOptions InBackbone => this with { Pooling = default, HeadRate = default, Head = default, BackboneDropout = default };

    /// <summary>Whether it only gives parameters of the backbone other values.</summary>
    internal virtual bool IsInPlace => false;

    /// <summary>Checks and edits of one method among several.</summary>
    internal void ValidatePart(Backbone backbone) => Validate(backbone);

    /// <inheritdoc cref="Hook"/>
    internal void HookPart(HookScope scope) => Hook(scope);

    /// <inheritdoc cref="Fuse"/>
    internal void FusePart(HookScope scope) => Fuse(scope);

    TunedEncoder Encoder(Backbone backbone, long? seed) => TunedEncoder.Of(backbone, seed, HookWithDropout, Fuse);

    void HookWithDropout(HookScope scope)
    {
        OrtPeft.BackboneDropout.Hook(scope, Layers, BackboneDropout);
        Hook(scope);
    }

    /// <summary>About as many steps as small data need, and never more than ten epochs.</summary>
    private protected static TrainingOptions Recipe(int examples, double learningRate, double weightDecay = 0.01)
    {
        const int BatchSize = 16, Steps = 600;
        var epochs = (int)Math.Round((double)Steps * BatchSize / Math.Max(1, examples));
        return new() { Epochs = Math.Clamp(epochs, 2, 10), BatchSize = BatchSize, LearningRate = learningRate, WeightDecay = weightDecay, Patience = 0 };
    }
}
