namespace OrtPeft;

/// <summary>The runs of TTC before the last, and what the last takes from them.</summary>
static class TtcStages
{
    internal static IReadOnlyList<Stage> Of(TtcOptions options) =>
    [
        .. options.Head == TtcHead.Random ? Array.Empty<Stage>() : [Head(options)],
        .. options.Stage == TtcStage.Both ? new[] { Norms(options) } : [],
    ];

    /// <summary>The head on frozen features. Where there is no first stage, the channels of the model as it is are scored with it.</summary>
    static Stage Head(TtcOptions options) => new((options.Head == TtcHead.LinearProbe ? LinearProbeOptions.Name : LogisticRegressionOptions.Name) + (options.Stage == TtcStage.Second ? "-scores" : ""))
    {
        Method = _ => options.Head == TtcHead.LinearProbe ? new LinearProbeOptions { Pooling = options.Pooling } : new LogisticRegressionOptions { Pooling = options.Pooling },
        // What the user chose of steps and rates is for training inside the model.
        Training = chosen => new TrainingOptions { Seed = chosen.Seed, SelectBy = chosen.SelectBy, KeepLast = chosen.KeepLast },
        Finds = options.Stage == TtcStage.Second ? Scored(options) : "",
        Find = options.Stage == TtcStage.Second ? run => ChannelScores.Find(run.As(options with { IsBare = true }), options) : null,
    };

    static Stage Norms(TtcOptions options) => new(LayerNormOptions.Name)
    {
        // Only what this run depends on, so that runs with other scores and channels can begin with its result.
        Method = before => new LayerNormOptions { Layers = options.Layers, Pooling = options.Pooling, HeadRate = options.HeadRate, Start = TensorsOf(before) },
        Finds = Scored(options),
        Find = run => ChannelScores.Find(run, options),
    };

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
