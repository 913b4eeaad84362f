using System.Diagnostics;

namespace OrtPeft;

/// <summary>What the demo does, apart from showing it.</summary>
/// <param name="Folder">Where features, adapters and report go.</param>
/// <param name="MaxLength">Longest mail in tokens.</param>
/// <param name="Mails">Training mails at most; null takes all.</param>
/// <param name="Execution">Provider and threads.</param>
sealed record Demo(string Folder, int MaxLength, int? Mails, ExecutionOptions Execution)
{
    /// <summary>Cut at this length the demo is done in a minute or two and loses half a point of accuracy.</summary>
    internal const int DefaultMaxLength = 64;

    internal const int FullMaxLength = 128;

    /// <summary>The shipped backbone, beside the program.</summary>
    internal static string ModelFolder { get; } = Path.Combine(AppContext.BaseDirectory, "onnx-models", "all-minilm-l6-v2");

    /// <summary>Three mails that one can read; none is in the corpus.</summary>
    internal static readonly string[] Readable =
    [
        "Meeting moved to Thursday\nHi Anna, the room is taken on Wednesday, so let us meet on Thursday at ten instead. I will bring the draft of the report.",
        "You have won a prize\nCongratulations! You were selected to receive $5,000 in cash. Click the link below to claim your prize now, this offer ends today!",
        "Re: patch for the parser\nThanks, this fixes the crash I saw with empty lines. One remark: the new test still leaks a file handle on Windows.",
    ];

    internal async Task<DemoResult> RunAsync(TuningDisplay display, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var backbone = Backbone.Load(ModelFolder);
        var corpus = MailCorpus.Load(MailCorpus.DefaultPath, cancellationToken);
        var mails = Mails is { } count
            ? corpus with { Train = MailCorpus.Subset(corpus.Train, count), Dev = MailCorpus.Subset(corpus.Dev, count / 4), Test = MailCorpus.Subset(corpus.Test, count / 4) }
            : corpus;
        display.Report(new TuningProgress
        {
            Notice = $"{Measures.Count(corpus.Mails)} mails, {Measures.Count(mails.Train.Count + mails.Dev.Count + mails.Test.Count)} after duplicates" +
                $"{(Mails is null ? "" : " and the choice of a part")}: {Measures.Count(mails.Train.Count)} to train on, {Measures.Count(mails.Dev.Count)} to choose by, " +
                $"{Measures.Count(mails.Test.Count)} held back; at most {MaxLength} tokens each.",
        });

        mails.Save(Path.Combine(Folder, "mail"));

        var features = new FeatureOptions { MaxLength = MaxLength };
        var cacheFolder = Path.Combine(Folder, "features");
        var cached = await display.ShowAsync(() => FeatureJob.RunAsync(backbone, [.. mails.Train, .. mails.Dev, .. mails.Test], cacheFolder, features, Execution,
            display.Caching(), cancellationToken)).ConfigureAwait(false);

        var heads = new List<DemoHead>();
        foreach (var method in new MethodOptions[] { new LinearProbeOptions(), new YTuningOptions { TaskName = "mail category" } })
        {
            var folder = Path.Combine(Folder, "adapters", method.Method);
            display.Report(new TuningProgress { Notice = $"Training {method.Method} on the cached features." });
            var tuner = Tuner.For(backbone).With(method).With(features).With(Execution).CacheIn(cached.Folder).SaveIn(folder, resume: true, overwrite: true);
            var tuned = await display.ShowAsync(() => tuner.FitAsync(mails.Train, mails.Dev, display, cancellationToken)).ConfigureAwait(false);
            tuned.Save(folder);
            var evaluation = await EvaluationReport.FromCacheAsync(tuned.Adapter, backbone, mails.Test, cached.Folder, features, Execution, null, cancellationToken).ConfigureAwait(false);
            heads.Add(new DemoHead(folder, tuned, evaluation));
        }

        var best = heads[^1];
        using var predictor = Predictor.Load(best.Folder, backbone.Path, Execution);
        var answers = Readable.Zip(predictor.Predict(Readable.Select((text, i) => new Example { Id = $"{i}", Text = text }), cancellationToken)).ToArray();
        return new DemoResult(backbone, mails, cached, heads, answers, watch.Elapsed.TotalSeconds);
    }
}

/// <summary>One trained head and what it is worth on the held-back mails.</summary>
sealed record DemoHead(string Folder, TunedModel Tuned, EvaluationReport Test);

/// <summary>Everything the demo found out.</summary>
sealed record DemoResult(Backbone Backbone, MailCorpus Mails, FeatureJobResult Cache, IReadOnlyList<DemoHead> Heads, IReadOnlyList<(string Text, Prediction Answer)> Answers, double Seconds);
