namespace OrtPeft;

/// <summary>Where bottleneck adapters stand.</summary>
public enum BottleneckPlacement
{
    /// <summary>Behind attention and behind the feed-forward network, before their residual sums (Houlsby et al., arXiv 1902.00751).</summary>
    Houlsby,

    /// <summary>Behind the feed-forward network only (Pfeiffer et al., arXiv 2005.00247).</summary>
    Pfeiffer,

    /// <summary>Beside the feed-forward network: it reads what that reads, and is added to what it writes, times the scale (He et al., arXiv 2110.04366).</summary>
    Parallel,
}

/// <summary>
/// Bottleneck adapters: h + GELU(h W_down + b_down) W_up + b_up; W_up and the biases start at zero. 2 D size + D + size values each. They cannot fuse
/// into the weights and stay in the exported graph.
/// </summary>
public sealed record BottleneckOptions : EncoderMethodOptions
{
    internal const string Name = "adapter";

    /// <summary>Where they stand: houlsby, pfeiffer or parallel.</summary>
    public BottleneckPlacement Placement { get; init; } = BottleneckPlacement.Houlsby;

    /// <summary>Inner width.</summary>
    public int Size { get; init; } = 32;

    /// <summary>Factor of a parallel adapter's result.</summary>
    public double Scale { get; init; } = 1;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override string? Leftover => "the adapters, in each layer";

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 1e-3);

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Size), Size, 1, 1 << 16);
        RequireRange(nameof(Scale), Scale, double.Epsilon, 1e6);
    }

    private protected override void Hook(HookScope scope) => Bottleneck.Hook(scope, this);
}
