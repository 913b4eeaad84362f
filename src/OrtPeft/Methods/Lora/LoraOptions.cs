namespace OrtPeft;

/// <summary>Where the factors of LoRA start. The weight gives up what they are at the start, so that the model begins as it was.</summary>
public enum LoraInit
{
    /// <summary>A uniform within 1 / sqrt(in), B zero.</summary>
    Kaiming,

    /// <summary>The principal components of the weight (PiSSA, arXiv 2404.02948).</summary>
    Pissa,

    /// <summary>The first columns of Q and rows of R of the weight (OLoRA, arXiv 2406.01775).</summary>
    Olora,
}

/// <summary>
/// LoRA (Hu et al., arXiv 2106.09685): y = x W^T + b + scale (x A^T) B^T with A [rank, in] and B [out, rank] trained. The scale
/// is alpha / rank, or alpha / sqrt(rank) (rsLoRA, arXiv 2312.03732). rank (in + out) values a matrix. With DoRA (arXiv 2402.09353, equation 5)
/// the sum of both weights gets columns of trained lengths, out values a matrix more. Fuses into the weights.
/// </summary>
public sealed record LoraOptions : EncoderMethodOptions
{
    internal const string Name = "lora";

    /// <summary>Which matrices: roles such as `q,v` or `attention.o,ffn.in` with commas between, or `all`.</summary>
    public string Targets { get; init; } = "q,v";

    /// <summary>Rank of the update.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Ranks of layers that differ from rank, by number from 0: `4:16,5:16`.</summary>
    public string Ranks { get; init; } = "";

    /// <summary>Scale of the update, before it is divided by the rank.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Divide alpha by the root of the rank instead of the rank (rsLoRA).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Start of A and B: kaiming, pissa or olora. An adapter started from the weight is kept as plain LoRA of twice the rank.</summary>
    public LoraInit Init { get; init; } = LoraInit.Kaiming;

    /// <summary>Train the length of every output's weight vector too (DoRA).</summary>
    public bool Dora { get; init; }

    /// <summary>Dropout rate on the input of A while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Learning rate of B as a multiple of --learning-rate (LoRA+, arXiv 2402.12354, uses 16).</summary>
    public double RateOfB { get; init; } = 1;

    /// <inheritdoc/>
    public override string Method => Name;

    internal double Scale => ScaleOf(Rank);

    internal double ScaleOf(int rank) => RankStabilized ? Alpha / Math.Sqrt(rank) : Alpha / rank;

    /// <summary>The rank in a layer.</summary>
    internal int RankIn(int layer) => LayerNumbers.Parse($"{Name}: ranks", Ranks).GetValueOrDefault(layer, Rank);

    internal override string? Unmergeable => Dora ? "with DoRA the lengths of its weights belong to one backbone weight" : null;

    internal override MethodOptions Prepared(Backbone backbone) => Init == LoraInit.Kaiming || Found is not null ? this : this with { Found = LoraStart.Of(backbone, this) };

    internal override (MethodOptions Options, IReadOnlyList<TrainedTensor> Tensors) Settled(IReadOnlyList<TrainedTensor> tensors) => LoraSettling.Run(this, tensors);

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 2e-3);

    private protected override void Validate(Backbone backbone)
    {
        foreach (var rank in LayerNumbers.Parse($"{Name}: ranks", Ranks).Values.Append(Rank))
            RequireRange(nameof(Rank), rank, 1, backbone.Hidden);
        RequireRange(nameof(Alpha), Alpha, double.Epsilon, 1e6);
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
        RequireRange(nameof(RateOfB), RateOfB, 0, 1e6);
    }

    private protected override void Hook(HookScope scope) => Lora.Hook(scope, this);

    private protected override void Fuse(HookScope scope) => Lora.Fuse(scope, this);
}
