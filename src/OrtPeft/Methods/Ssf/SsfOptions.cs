namespace OrtPeft;

/// <summary>
/// SSF (Lian et al., arXiv 2210.08823): a trained factor and shift behind every linear layer and every norm; they start at 1 and 0. Fuses into
/// the weights.
/// </summary>
public sealed record SsfOptions : EncoderMethodOptions
{
    internal const string Name = "ssf";

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 3e-3);

    private protected override void Hook(HookScope scope) => Ssf.Hook(scope, this);

    private protected override void Fuse(HookScope scope) => Ssf.Fuse(scope, this);
}
