namespace OrtPeft;

/// <summary>Where LayerNorm stands in the label encoder.</summary>
public enum NormPlacement
{
    /// <summary>Before each sub-layer, and once after the last.</summary>
    Pre,

    /// <summary>After each residual sum.</summary>
    Post,
}

/// <summary>What Y-Tuning minimises.</summary>
public enum YTuningLoss
{
    /// <summary>Triplet margin with the task vector as anchor.</summary>
    Margin,

    /// <summary>Cross-entropy of the label scores.</summary>
    CrossEntropy,
}

/// <summary>How several vectors of one label become one.</summary>
public enum LabelPooling
{
    /// <summary>Mean, element by element.</summary>
    Mean,

    /// <summary>Maximum, element by element.</summary>
    Max,
}

/// <summary>
/// Y-Tuning (Liu, An, Qiu; arXiv 2202.09817): label vectors see each other, read the frozen tokens by cross-attention, and a label pointer
/// compares each with the task vector. No gradient reaches the backbone. Trains
/// layers (8D^2 + 2DF + F + 15D) + ND values, and 2D more with pre-norm, where N = 1 + labels x vectorsPerLabel.
/// </summary>
public sealed record YTuningOptions : MethodOptions
{
    internal const string Name = "y-tuning";

    /// <summary>Layers of the label encoder.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Attention heads; 0 takes as many as the backbone has.</summary>
    public int Heads { get; init; }

    /// <summary>Width of the feed-forward part; 0 takes the backbone's width.</summary>
    // Chosen here, not by the paper: on the dev part of real mail this did as well as four times as much, in two thirds of the time.
    public int FeedForward { get; init; }

    /// <summary>LayerNorm placement: pre or post.</summary>
    public NormPlacement Norm { get; init; } = NormPlacement.Pre;

    /// <summary>Trained vectors per label.</summary>
    public int VectorsPerLabel { get; init; } = 1;

    /// <summary>How several vectors of one label become one: mean or max.</summary>
    public LabelPooling LabelPooling { get; init; } = LabelPooling.Mean;

    /// <summary>Loss for one of several labels: margin or cross-entropy. Other tasks, and --loss, take their own.</summary>
    public YTuningLoss Loss { get; init; } = YTuningLoss.Margin;

    /// <summary>Margin between the gold label's score and every other, on scores scaled by 1/sqrt(D).</summary>
    public double Margin { get; init; } = 1.0;

    /// <summary>Dropout rate on each sub-layer's output while training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>A few words that say what is decided; their token embeddings start the task vector. Empty: a random start.</summary>
    public string TaskName { get; init; } = "";

    /// <summary>Start of the label vectors: true takes the label names' token embeddings, false random numbers.</summary>
    public bool LabelNames { get; init; } = true;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override string? Unmergeable => "its head is more than one linear layer";

    /// <summary>About 900 steps: with few examples an epoch is short, and a label encoder that has seen too few steps answers one label only.</summary>
    internal override TrainingOptions Defaults(int examples)
    {
        const int BatchSize = 32, Steps = 900;
        var epochs = (int)Math.Round((double)Steps * BatchSize / Math.Max(1, examples));
        return new() { Epochs = Math.Clamp(epochs, 3, 40), BatchSize = BatchSize, LearningRate = 1e-3, WeightDecay = 0.01, Patience = 0 };
    }

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        var resolved = this with
        {
            Heads = Heads == 0 ? backbone.Heads : Heads,
            FeedForward = FeedForward == 0 ? backbone.Hidden : FeedForward,
        };
        resolved.Validate(backbone, task);
        return YTuning.Apply(resolved, backbone, task, seed);
    }

    void Validate(Backbone backbone, LearningTask task)
    {
        RequireNot(task.TextsPerExample > 1 || task.Target == TargetKind.TokenClass, task);
        RequireRange(nameof(Layers), Layers, 1, 64);
        RequireRange(nameof(FeedForward), FeedForward, 1, 1 << 20);
        RequireRange(nameof(VectorsPerLabel), VectorsPerLabel, 1, 1024);
        RequireRange(nameof(Margin), Margin, 0, 1000);
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
        RequireRange(nameof(Heads), Heads, 1, backbone.Hidden);
        if (backbone.Hidden % Heads != 0)
            throw new OrtPeftException($"Y-Tuning: heads is {Heads}; expected a divisor of the backbone's width {backbone.Hidden}.");
    }
}
