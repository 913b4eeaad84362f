namespace OrtPeft;

/// <summary>
/// AoT P-Tuning, Kronecker form: before every layer the row of the token's id in P = (W_L x W_M) W_R is added to its hidden state; W_L [a, rank],
/// W_M [b, rank], W_R [rank^2, D] trained, a b at least the vocabulary. P is never built while training. Starts at zero. Fuses into one table a layer.
/// </summary>
public sealed record AotKronOptions : AheadOfTimeOptions
{
    internal const string Name = "aot-kron";

    /// <summary>Rank of the factors.</summary>
    public int Rank { get; init; } = 16;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 5e-3, weightDecay: 0);

    private protected override int Inner => Rank;

    private protected override void Hook(HookScope scope) => AheadOfTime.HookKronecker(scope, this);

    private protected override float[] Table(HookScope scope, string layer) => AheadOfTime.KroneckerTable(scope, layer, Rank);
}
