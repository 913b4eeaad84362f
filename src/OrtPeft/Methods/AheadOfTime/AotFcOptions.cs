namespace OrtPeft;

/// <summary>
/// AoT P-Tuning, form with a network: before every layer f(E[id] W_1 + b_1) W_2 + b_2 is added to the token's hidden state; E are the frozen word
/// embeddings, W_1 [D_E, rank], W_2 [rank, D] trained. Starts at zero. Fuses into one table a layer.
/// </summary>
public sealed record AotFcOptions : AheadOfTimeOptions
{
    internal const string Name = "aot-fc";

    /// <summary>Width of the network.</summary>
    public int Rank { get; init; } = 32;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 2e-3, weightDecay: 0);

    private protected override int Inner => Rank;

    private protected override void Hook(HookScope scope) => AheadOfTime.HookNetwork(scope, this);

    private protected override float[] Table(HookScope scope, string layer) => AheadOfTime.NetworkTable(scope, layer, Rank);
}
