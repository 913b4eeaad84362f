namespace OrtPeft;

/// <summary>
/// S-LoRA and U-LoRA: which rank each matrix is worth, or which entries of its factors. W' = W + U V^T - U0 V0^T. Fuses into the weights.
/// </summary>
public sealed record NasLoraOptions : NasOptions
{
    internal const string Name = "nas-lora";

    /// <summary>Which matrices are searched: roles such as `q,v` or `attention.o,ffn.in` with commas between, or `all`.</summary>
    public string Targets { get; init; } = LowRankUpdates.AllTargets;

    /// <summary>Rank of every update in the search.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>How the factors start: balanced, or standard as LoRA does.</summary>
    public FactorInit Init { get; init; }

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 2e-3);

    private protected override void Validate(Backbone backbone)
    {
        base.Validate(backbone);
        RequireRange(nameof(Rank), Rank, 1, backbone.Hidden);
    }

    private protected override void Hook(HookScope scope) => LowRankUpdates.Hook(scope, Targets, Layers, Space);

    private protected override void Fuse(HookScope scope) => LowRankUpdates.Fuse(scope, Targets, Layers, Space);

    LowRankSpace Space => LowRank(Rank, Init);
}
