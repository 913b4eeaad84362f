namespace OrtPeft;

/// <summary>
/// LoRA (Hu et al., arXiv 2106.09685): y = x W^T + b + scale (x A^T) B^T with A [rank, in] and B [out, rank] trained; B starts at zero. The scale
/// is alpha / rank, or alpha / sqrt(rank) (rsLoRA, arXiv 2312.03732). rank (in + out) values a matrix. Fuses into the weights.
/// </summary>
public sealed record LoraOptions : EncoderMethodOptions
{
    internal const string Name = "lora";

    /// <summary>Which matrices: roles such as `q,v` or `attention.o,ffn.in` with commas between, or `all`.</summary>
    public string Targets { get; init; } = "q,v";

    /// <summary>Rank of the update.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Scale of the update, before it is divided by the rank.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Divide alpha by the root of the rank instead of the rank (rsLoRA).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Dropout rate on the input of A while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Learning rate of B as a multiple of --learning-rate (LoRA+, arXiv 2402.12354, uses 16).</summary>
    public double RateOfB { get; init; } = 1;

    /// <inheritdoc/>
    public override string Method => Name;

    internal double Scale => RankStabilized ? Alpha / Math.Sqrt(Rank) : Alpha / Rank;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 2e-3);

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Rank), Rank, 1, backbone.Hidden);
        RequireRange(nameof(Alpha), Alpha, double.Epsilon, 1e6);
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
        RequireRange(nameof(RateOfB), RateOfB, 0, 1e6);
    }

    private protected override void Hook(HookScope scope) => Lora.Hook(scope, this);

    private protected override void Fuse(HookScope scope) => Lora.Fuse(scope, this);
}
