namespace OrtPeft;

/// <summary>What the two forms of Ahead-of-Time P-Tuning (Gavrilov, Balagansky; arXiv 2305.10835) have in common.</summary>
public abstract record AheadOfTimeOptions : EncoderMethodOptions
{
    /// <summary>Dropout rate while training.</summary>
    public double Dropout { get; init; } = 0.1;

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
        RequireRange("Rank", Inner, 1, 4096);
    }

    private protected abstract int Inner { get; }

    internal override string? Leftover => "a table of one row a token id, before each layer";

    private protected override void Fuse(HookScope scope) => AheadOfTime.Fuse(scope, Layers, name => Table(scope, name));

    /// <summary>P of a layer: [vocabulary, width].</summary>
    private protected abstract float[] Table(HookScope scope, string layer);
}

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
