namespace OrtPeft;

/// <summary>
/// IA3 (Liu et al., arXiv 2205.05638): trained factors on keys, values and the inner activations of the feed-forward network; they start at 1.
/// 2D + F values a layer. Fuses into the weights.
/// </summary>
public sealed record Ia3Options : EncoderMethodOptions
{
    internal const string Name = "ia3";

    /// <summary>Linear layers whose output is scaled, by role.</summary>
    public string Targets { get; init; } = "k,v";

    /// <summary>Linear layers whose input is scaled, by role.</summary>
    public string FeedForward { get; init; } = EncoderRoles.FeedForwardOut;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 1e-2);

    private protected override void Hook(HookScope scope) => Ia3.Hook(scope, this);

    private protected override void Fuse(HookScope scope) => Ia3.Fuse(scope, this);
}
