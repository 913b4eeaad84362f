namespace OrtPeft;

/// <summary>
/// TTC-Tuning (Zhao et al., arXiv 2303.07910), in two stages. The first aligns the model with the data: scale and shift of every norm and the head are trained.
/// Then every channel of every layer gets a score, the change of the loss that its loss would bring (Taylor expansion of first order), and the second stage
/// trains a linear map on the K best channels S of each layer, f[S] + s (f[S] W + b), which starts as the identity. K^2 + K values a map, 2D a norm.
/// The maps fuse into the weights for mlp and qkv, the norms always.
/// </summary>
public sealed record TtcOptions : EncoderMethodOptions
{
    internal const string Name = "ttc";

    /// <summary>The defaults; the head is trained on the frozen features first.</summary>
    public TtcOptions() => Head = HeadStart.LinearProbe;

    /// <summary>Where the maps are: attn (the residual stream behind attention; in layers that normalise after the sum, behind that norm), mlp (the output of the feed-forward network) or qkv (queries and values, with channels of their own).</summary>
    public TtcPosition Position { get; init; } = TtcPosition.Attn;

    /// <summary>Channels K of each map; 0 takes an eighth of the width.</summary>
    public int Channels { get; init; }

    /// <summary>Factor s of the maps.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Maps at the start: zero, or sct, normal with deviation 0.02.</summary>
    public TtcInit Init { get; init; } = TtcInit.Zero;

    /// <summary>What ranks the channels: absolute, squared or class-balanced Taylor score, l2 (the norm of the channel, SCT) or random.</summary>
    public TtcScore Score { get; init; } = TtcScore.Absolute;

    /// <summary>Whether the norms are trained on in the second stage.</summary>
    public bool TuneNorms { get; init; }

    /// <summary>Which stages are run: both, or first or second alone.</summary>
    public TtcStage Stage { get; init; } = TtcStage.Both;

    /// <summary>all trains each stage alone, both, and every way to rank channels, and compares them; none trains what the other options say.</summary>
    public TtcAblation Ablation { get; init; } = TtcAblation.None;

    /// <inheritdoc/>
    public override string Method => Name;

    /// <summary>Whether nothing is trained inside the model: it is there to be looked at.</summary>
    internal bool IsBare { get; init; }

    internal override string? Leftover => Position == TtcPosition.Attn && Stage != TtcStage.First ? "the maps on the residual stream, in each layer" : null;

    internal override string? Unmergeable => "its channels and norms are its own";

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 3e-3);

    internal override bool NeedsFinding => Stage != TtcStage.First;

    internal override IReadOnlyList<Stage> Stages => TtcStages.Of(this);

    internal override MethodOptions After(IReadOnlyList<Adapter> stages) => TtcStages.After(this, stages);

    internal override IReadOnlyList<(string Name, MethodOptions Options)> Variants => Ablation == TtcAblation.None ? [] : TtcStages.Ablation(this with { Ablation = TtcAblation.None });

    internal override IEnumerable<FoundPicture> Pictures => Found is null ? [] : [ChannelPicture.Of(this, Found)];

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed) =>
        base.Apply(backbone, task, seed) with { TrainedEarlier = Found?.Values.Where(v => !ChannelScores.IsScore(v.Name)).Sum(v => v.Count) ?? 0 };

    /// <summary>With the norms of the first stage.</summary>
    internal override long CountParameters(Backbone backbone, LearningTask task) => base.CountParameters(backbone, task) + (Stage == TtcStage.Both && !TuneNorms
        ? new LayerNormOptions { Layers = Layers, Pooling = Pooling }.CountParameters(backbone, task) - LinearProbe.Apply(new LinearProbeOptions { Pooling = Pooling }, backbone, task, seed: 0).Parameters
        : 0);

    internal int ChannelsOf(int width) => Channels == 0 ? Math.Max(1, width / 8) : Channels;

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Channels), Channels, 0, backbone.Hidden);
        RequireRange(nameof(Scale), Scale, double.Epsilon, 1e6);
        if (Stage == TtcStage.Second && Head == HeadStart.Random)
            throw new OrtPeftException("ttc: stage=second needs a head that channels can be scored with; expected head=linear-probe or head=logistic-regression.");
    }

    private protected override void Hook(HookScope scope)
    {
        Ttc.HookNorms(scope, this);
        if (TrainsMaps)
            Ttc.HookMaps(scope, this);
    }

    private protected override void Fuse(HookScope scope)
    {
        Ttc.HookNorms(scope, this);
        if (TrainsMaps)
            Ttc.FuseMaps(scope, this);
    }

    bool TrainsMaps => !IsBare && Stage != TtcStage.First;
}
