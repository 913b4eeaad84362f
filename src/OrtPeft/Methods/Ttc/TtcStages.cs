namespace OrtPeft;

/// <summary>The runs of TTC before the last, and what the last takes from them.</summary>
static class TtcStages
{
    internal static IReadOnlyList<Stage> Of(TtcOptions options) =>
    [
        .. options.Head == HeadStart.Random ? Array.Empty<Stage>() : [options.Stage == TtcStage.Second ? ScoredHead(options) : HeadStage.Of(options)],
        .. options.Stage == TtcStage.Both ? new[] { Norms(options) } : [],
    ];

    /// <summary>Where there is no first stage, the channels of the model as it is are scored with the head that was trained on its features.</summary>
    static Stage ScoredHead(TtcOptions options)
    {
        var head = HeadStage.Of(options);
        return head with { Name = $"{head.Name}-scores", Finds = Scored(options), Find = run => ChannelScores.Find(run.As(options with { IsBare = true }), options) };
    }

    static Stage Norms(TtcOptions options) => new(LayerNormOptions.Name)
    {
        // Only what this run depends on, so that runs with other scores and channels can begin with its result.
        Method = before => NormTuning(options) with { Start = TensorsOf(before) },
        Planned = NormTuning(options),
        Finds = Scored(options),
        Find = run => ChannelScores.Find(run, options),
    };

    static LayerNormOptions NormTuning(TtcOptions options) => new() { Layers = options.Layers, Pooling = options.Pooling, HeadRate = options.HeadRate };

    static string Scored(TtcOptions options) => $"scores at {options.Position}";

    internal static TtcOptions After(TtcOptions options, IReadOnlyList<Adapter> stages) => options with
    {
        Start = TensorsOf(stages),
        Found = options.Stage == TtcStage.First ? null : Chosen(options, stages[^1]),
    };

    /// <summary>The scores asked for, the channels that they choose, and the norms where they are not trained on.</summary>
    static Finding Chosen(TtcOptions options, Adapter last)
    {
        var scores = ChannelScores.Of(last.Found!, options.Score);
        var norms = options is { Stage: TtcStage.Both, TuneNorms: false } ? last.Tensors.Where(t => t.Name.Contains("norm.", StringComparison.Ordinal)) : [];
        return new Finding([.. scores, .. norms], [.. scores.Select(s => ChannelScores.Best(s, options.ChannelsOf(s.Values.Length)))]);
    }

    static IReadOnlyList<TrainedTensor> TensorsOf(IReadOnlyList<Adapter> stages) => stages.Count == 0 ? [] : stages[^1].Tensors;

    /// <summary>Each stage alone, both, and every other way to rank channels.</summary>
    internal static IReadOnlyList<(string, MethodOptions)> Ablation(TtcOptions options) =>
    [
        ("first-stage", options with { Stage = TtcStage.First }),
        ("second-stage", options with { Stage = TtcStage.Second, Score = TtcScore.Absolute }),
        .. Enum.GetValues<TtcScore>().Select(score => ($"both-{ChannelScores.Word(score)}", (MethodOptions)(options with { Stage = TtcStage.Both, Score = score }))),
    ];
}
