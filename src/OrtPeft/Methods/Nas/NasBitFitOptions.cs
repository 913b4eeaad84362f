namespace OrtPeft;

/// <summary>
/// S-BitFit and U-BitFit: which biases of the layers, or which entries of them, are worth training. b' = b + delta. Fuses without a trace.
/// </summary>
public sealed record NasBitFitOptions : NasOptions
{
    internal const string Name = "nas-bitfit";

    /// <summary>Which biases are searched: `all`, or roles such as `attention.q,ffn.in,norm.ffn` with commas between.</summary>
    public string Biases { get; init; } = "all";

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 3e-3);

    private protected override void Hook(HookScope scope) => BiasDeltas.Hook(scope, this, Biases);

    private protected override void Fuse(HookScope scope) => BiasDeltas.Fuse(scope, this, Biases);
}
