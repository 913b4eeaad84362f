namespace OrtPeft;

/// <summary>Everything that report.html shows.</summary>
public sealed record RunReport
{
    /// <summary>What the task is, such as "Spam or ham".</summary>
    public required string Title { get; init; }

    /// <summary>The heads that were trained on the same features. The first one is the result, the others are compared with it.</summary>
    public required IReadOnlyList<HeadReport> Heads { get; init; }

    /// <summary>The frozen model.</summary>
    public required BackboneReport Backbone { get; init; }

    /// <summary>The texts.</summary>
    public required DataReport Data { get; init; }

    /// <summary>The feature cache, where one was used.</summary>
    public CacheReport? Cache { get; init; }

    /// <summary>What it ran on.</summary>
    public required MachineReport Machine { get; init; }

    /// <summary>Texts with the answer of the first head.</summary>
    public IReadOnlyList<PredictionReport> Predictions { get; init; } = [];

    /// <summary>What the reader must know before trusting the numbers. A collapse to one label is added by the report itself.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>When the run ended.</summary>
    public required DateTimeOffset Created { get; init; }
}

/// <summary>One trained head and how good it is.</summary>
public sealed record HeadReport
{
    /// <summary>Name of the method, such as "Y-Tuning".</summary>
    public required string Name { get; init; }

    /// <summary>Number of trained parameters.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Wall-clock seconds of training, without caching.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Size of the saved adapter.</summary>
    public long? AdapterBytes { get; init; }

    /// <summary>Epochs of the stages before, where the method has any.</summary>
    public int EarlierEpochs { get; init; }

    /// <summary>Every epoch, for the learning curve.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; init; } = [];

    /// <summary>Epochs of all stages.</summary>
    internal int TrainEpochs => EarlierEpochs + Epochs.Count;

    /// <summary>The epoch whose parameters were kept, counted from 1.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Metrics on the part of the data that <see cref="DataReport.EvaluatedOn"/> names.</summary>
    public required EvaluationMetrics Metrics { get; init; }

    /// <summary>How it stands beside the others, in a comparison.</summary>
    public ComparedBy? Compared { get; init; }

    /// <summary>The scores behind the metrics, for the histogram: one entry an example.</summary>
    public IReadOnlyList<GoldScore> Scores { get; init; } = [];

    /// <summary>The examples whose right label got the lowest scores, the most surprising first.</summary>
    public IReadOnlyList<PredictionReport> Surprises { get; init; } = [];

    /// <summary>The examples' pooled features in two dimensions.</summary>
    public IReadOnlyList<FeaturePoint> Map { get; init; } = [];

    /// <summary>What the method found out before it was trained.</summary>
    internal IReadOnlyList<FoundPicture> Pictures { get; init; } = [];

    /// <summary>The options that matter, by name, in the order in which they are shown: learning rate, batch size, seed, ...</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];
}

/// <summary>What a comparison says of a head.</summary>
/// <param name="Metric">The metric that decides.</param>
/// <param name="Interval">Its 95 % interval (bootstrap).</param>
/// <param name="Verdict">Whether it is the best, or how far behind and whether that may be chance.</param>
public sealed record ComparedBy(string Metric, Interval Interval, string Verdict);

/// <summary>The score that a head gave to the right label of one example.</summary>
/// <param name="Gold">Class index of the right label.</param>
/// <param name="Score">Its score, 0 to 1.</param>
/// <param name="Correct">Whether it was the label predicted.</param>
/// <param name="Confidence">The score of the label predicted; the same as <paramref name="Score"/> when that was right.</param>
public readonly record struct GoldScore(int Gold, double Score, bool Correct, double Confidence);

/// <summary>An example as a point in the plane of its features.</summary>
/// <param name="X">First principal component.</param>
/// <param name="Y">Second principal component.</param>
/// <param name="Gold">Class index of the right label.</param>
/// <param name="Correct">Whether it was the label predicted.</param>
public readonly record struct FeaturePoint(double X, double Y, int Gold, bool Correct);

/// <summary>The frozen model.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Hash">SHA-256 of its files.</param>
/// <param name="Parameters">Number of parameters.</param>
public sealed record BackboneReport(string Name, string Hash, long Parameters);

/// <summary>The texts.</summary>
public sealed record DataReport
{
    /// <summary>Where they come from.</summary>
    public string? Source { get; init; }

    /// <summary>Number of training examples.</summary>
    public required int Train { get; init; }

    /// <summary>Number of examples that chose the best epoch.</summary>
    public int Dev { get; init; }

    /// <summary>Number of held-back examples.</summary>
    public int Test { get; init; }

    /// <summary>The part that the metrics were computed on: "test" or "dev".</summary>
    public string EvaluatedOn { get; init; } = "test";

    /// <summary>Tokens after which a text is cut off.</summary>
    public required int MaxLength { get; init; }
}

/// <summary>The feature cache.</summary>
public sealed record CacheReport
{
    /// <summary>Wall-clock seconds of the caching job in this run.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether the features of an earlier run were used.</summary>
    public required bool Reused { get; init; }

    /// <summary>Forward passes of the backbone that the job ran, one an example.</summary>
    public required long ForwardPasses { get; init; }

    /// <summary>Forward passes that training and evaluation would have needed besides, without the cache.</summary>
    public required long ForwardPassesSaved { get; init; }

    /// <summary>Size on disk.</summary>
    public long Bytes { get; init; }

    /// <summary>Storage type of the features, such as "fp16".</summary>
    public string? DType { get; init; }
}

/// <summary>What the run ran on.</summary>
public sealed record MachineReport
{
    /// <summary>Number of processor cores.</summary>
    public required int Cores { get; init; }

    /// <summary>Operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Version of ONNX Runtime.</summary>
    public required string OnnxRuntime { get; init; }

    /// <summary>Execution provider.</summary>
    public required string Provider { get; init; }
}

/// <summary>A text with the head's answer.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">The predicted label.</param>
/// <param name="Score">Its score, 0 to 1.</param>
/// <param name="Gold">The right label, where it is known.</param>
public sealed record PredictionReport(string Text, string Label, double Score, string? Gold = null);
