namespace OrtPeft;

/// <summary>The spaces of <see cref="NasBitFitOptions"/> and <see cref="NasLoraOptions"/> as one: biases and low-rank updates compete for the budget.</summary>
public sealed record NasMixedOptions : NasOptions
{
    internal const string Name = "nas-mixed";

    /// <summary>Which biases are searched: `all`, or roles such as `attention.q,ffn.in,norm.ffn` with commas between.</summary>
    public string Biases { get; init; } = "all";

    /// <summary>Which matrices are searched: roles such as `q,v` or `attention.o,ffn.in` with commas between, or `all`.</summary>
    public string Targets { get; init; } = LowRankUpdates.AllTargets;

    /// <summary>Rank of every update in the search.</summary>
    public int Rank { get; init; } = 8;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 2e-3);

    private protected override void Validate(Backbone backbone)
    {
        base.Validate(backbone);
        RequireRange(nameof(Rank), Rank, 1, backbone.Hidden);
    }

    private protected override void Hook(HookScope scope)
    {
        BiasDeltas.Hook(scope, this, Biases);
        LowRankUpdates.Hook(scope, Targets, Layers, Space);
    }

    private protected override void Fuse(HookScope scope)
    {
        BiasDeltas.Fuse(scope, this, Biases);
        LowRankUpdates.Fuse(scope, Targets, Layers, Space);
    }

    LowRankSpace Space => LowRank(Rank, FactorInit.Balanced);
}
