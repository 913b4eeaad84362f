using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>Fills report.html from what a run found out.</summary>
static class TuningReport
{
    internal const string FileName = "report.html";

    /// <summary>The report of one training run, on its dev part.</summary>
    internal static string Write(string folder, Backbone backbone, TunedModel tuned) => Write(folder, new RunReport
    {
        Title = $"{DisplayName(tuned)} on {backbone.Name}",
        Heads = [Head(folder, tuned, tuned.Dev)],
        Backbone = new BackboneReport(backbone.Name, backbone.Sha256, backbone.Parameters),
        Data = new DataReport { Train = tuned.TrainExamples, Dev = tuned.DevExamples, EvaluatedOn = "dev", MaxLength = tuned.Adapter.Info.MaxLength },
        Cache = Cache(tuned.Features, tuned.ForwardPassesSaved),
        Machine = Machine(tuned.Provider),
        Warnings = tuned.Failure is { } failure ? [failure] : [],
        Created = DateTimeOffset.UtcNow,
    });

    /// <summary>The demo's report: all heads on the held-back mails.</summary>
    internal static string Write(string folder, DemoResult demo) => Write(folder, new RunReport
    {
        Title = "Spam or ham: 6,046 real mails",
        Heads = [.. demo.Heads.Reverse().Select(h => Head(h.Folder, h.Tuned, h.Test))],
        Backbone = new BackboneReport(demo.Backbone.Name, demo.Backbone.Sha256, demo.Backbone.Parameters),
        Data = new DataReport
        {
            Source = "SpamAssassin public mail corpus",
            Train = demo.Mails.Train.Count,
            Dev = demo.Mails.Dev.Count,
            Test = demo.Mails.Test.Count,
            MaxLength = demo.Heads[0].Tuned.Adapter.Info.MaxLength,
        },
        Cache = Cache(demo.Cache, demo.Heads.Sum(h => h.Tuned.ForwardPassesSaved)),
        Machine = Machine(demo.Heads[0].Tuned.Provider),
        Predictions = [.. demo.Answers.Select(a => new PredictionReport(a.Text, a.Answer.Label, a.Answer.Score))],
        Created = DateTimeOffset.UtcNow,
    });

    /// <summary>The report of a comparison, the best method first.</summary>
    internal static string Write(string folder, Backbone backbone, MethodComparison comparison, int test) => Write(folder, new RunReport
    {
        Title = $"{comparison.Rows.Count} methods on {backbone.Name}",
        Heads = [.. comparison.Rows.OrderByDescending(row => row == comparison.Best).ThenByDescending(row => row.Evaluation.Metrics[comparison.Metric]).Select(row => Head(row.Folder, row.Tuned, row.Evaluation) with
        {
            Name = row.Method.StartsWith($"{row.Tuned.Adapter.Info.Method}-", StringComparison.Ordinal) ? $"{DisplayName(row.Tuned)}: {row.Method[(row.Tuned.Adapter.Info.Method.Length + 1)..]}" : DisplayName(row.Tuned),
            Compared = new ComparedBy(comparison.Metric, row.Intervals[comparison.Metric], CompareVerb.Verdict(comparison, row)),
        })],
        Backbone = new BackboneReport(backbone.Name, backbone.Sha256, backbone.Parameters),
        Data = new DataReport
        {
            Train = comparison.Best.Tuned.TrainExamples,
            Dev = comparison.Best.Tuned.DevExamples,
            Test = test,
            EvaluatedOn = comparison.EvaluatedOn,
            MaxLength = comparison.Best.Tuned.Adapter.Info.MaxLength,
        },
        Cache = Cache(comparison.Rows.Select(row => row.Tuned.Features).FirstOrDefault(f => f is not null), comparison.Rows.Sum(row => row.Tuned.ForwardPassesSaved)),
        Machine = Machine(comparison.Best.Tuned.Provider),
        Warnings = [.. comparison.Rows.Where(row => row.Tuned.Failure is not null).Select(row => $"{row.Method}: {row.Tuned.Failure}")],
        Created = DateTimeOffset.UtcNow,
    });

    /// <summary>Size of an adapter's tensors on disk.</summary>
    internal static long AdapterBytes(string folder) => new FileInfo(Path.Combine(folder, Adapter.TensorsFile)).Length;

    static string Write(string folder, RunReport report)
    {
        var path = Path.Combine(folder, FileName);
        HtmlReport.Write(path, report);
        return path;
    }

    static HeadReport Head(string folder, TunedModel tuned, EvaluationReport evaluation) => new()
    {
        Name = DisplayName(tuned),
        TrainableParameters = tuned.Adapter.Info.TrainableParameters,
        TrainSeconds = tuned.TrainSeconds,
        AdapterBytes = AdapterBytes(folder),
        EarlierEpochs = tuned.Stages.Sum(stage => stage.Epochs),
        Epochs = tuned.IsSolved ? [] : tuned.Epochs,
        BestEpoch = tuned.IsSolved ? null : tuned.Best.Epoch,
        Metrics = evaluation.Metrics,
        Scores = [.. evaluation.Gold.Zip(evaluation.Predictions, (gold, p) =>
        {
            var label = evaluation.Classification.Labels[gold];
            return new GoldScore(gold, p.Scores[label], p.Label == label, p.Score);
        })],
        Surprises = [.. Surprises(evaluation).Take(10)],
        Map = [.. Map(evaluation)],
        Pictures = [.. tuned.Adapter.Method.PicturesOf(tuned)],
        Options = [.. Options(tuned)],
    };

    /// <summary>The wrong answers that were surest, first those whose right label got least.</summary>
    static IEnumerable<PredictionReport> Surprises(EvaluationReport evaluation) =>
        from i in Enumerable.Range(0, evaluation.Gold.Count)
        let gold = evaluation.Classification.Labels[evaluation.Gold[i]]
        let answer = evaluation.Predictions[i]
        where answer.Label != gold
        orderby answer.Scores[gold]
        select new PredictionReport(evaluation.Examples[i].Shown, answer.Label, answer.Score, gold);

    static IEnumerable<FeaturePoint> Map(EvaluationReport evaluation)
    {
        if (evaluation.Gold.Count < 3 || evaluation.Pooled.Count < 3)
            return [];
        return PrincipalComponents.Project(evaluation.Pooled).Select((point, i) =>
            new FeaturePoint(point.X, point.Y, evaluation.Gold[i], evaluation.Predictions[i].Label == evaluation.Classification.Labels[evaluation.Gold[i]]));
    }

    static IEnumerable<KeyValuePair<string, string>> Options(TunedModel tuned)
    {
        var training = tuned.Training;
        (string, FormattableString)[] options =
        [
            ("epochs at most", $"{training.Epochs}"), ("batch size", $"{training.BatchSize}"), ("learning rate", $"{training.LearningRate}"),
            ("schedule", $"{training.Schedule}, {100 * training.Warmup:0.#} % warm-up"), ("optimizer", $"{training.Optimizer}, weight decay {training.WeightDecay}"),
            ("clip", $"{training.Clip}"), ("seed", $"{training.Seed}"),
        ];
        var method = TuningMethods.Settings(tuned.Adapter.Info.Options).Select(o => KeyValuePair.Create(o.Name, $"{o.Value}"));
        if (tuned.IsSolved)
            options = [.. tuned.Trials.Select(t => (t.Name, (FormattableString)$"dev {Metrics.Speak(training.SelectBy)} {MetricsView.Value(training.SelectBy, t.Metrics[training.SelectBy])}"))];
        return options.Select(o => KeyValuePair.Create(o.Item1, FormattableString.Invariant(o.Item2))).Concat(method.Where(o => o.Value.Length > 0));
    }

    static CacheReport? Cache(FeatureJobResult? features, long saved) => features is null ? null : new()
    {
        Seconds = features.Seconds,
        Reused = features.Computed == 0,
        ForwardPasses = features.Computed,
        ForwardPassesSaved = Math.Max(0, saved),
        Bytes = features.Bytes,
        DType = features.DType.ToString().ToLowerInvariant(),
    };

    static MachineReport Machine(string provider) => new()
    {
        Cores = Environment.ProcessorCount,
        OperatingSystem = RuntimeInformation.OSDescription,
        OnnxRuntime = OrtSession.Version,
        Provider = provider,
    };

    static string DisplayName(TunedModel tuned) => TuningMethods.RowOf(tuned.Adapter.Info.Method).DisplayName;
}
