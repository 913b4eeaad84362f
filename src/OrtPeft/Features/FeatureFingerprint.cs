using System.Text.Json;

namespace OrtPeft;

/// <summary>Everything that changes a cached value. Two caches with equal fingerprints hold equal features for equal texts.</summary>
sealed record FeatureFingerprint
{
    public required string Backbone { get; init; }
    public required string Tokenizer { get; init; }
    public required string Site { get; init; }
    public required int Width { get; init; }
    public required string DType { get; init; }
    public required int MaxLength { get; init; }
    public required string Truncation { get; init; }
    public required string OnnxRuntime { get; init; }
    public required string Provider { get; init; }
    public required int TokensPerRun { get; init; }
    public required int TokensPerShard { get; init; }

    internal static FeatureFingerprint Of(Backbone backbone, FeatureOptions options, ExecutionOptions execution) => new()
    {
        Backbone = backbone.Sha256,
        Tokenizer = backbone.RequireTokenizer().Sha256,
        Site = backbone.LastHiddenState,
        Width = backbone.Hidden,
        DType = options.SafetensorsDType,
        MaxLength = options.MaxLength,
        Truncation = "longest_first, right",
        OnnxRuntime = OrtSession.Version,
        Provider = execution.EffectiveProvider,
        TokensPerRun = options.TokensPerRun,
        TokensPerShard = options.TokensPerShard,
    };

    internal string Hash => FileHash.OfText(JsonSerializer.Serialize(this, Json.Compact));

    /// <summary>The fields that differ, each with the value here and the one there.</summary>
    internal IEnumerable<(string Field, string Here, string There)> DifferencesTo(FeatureFingerprint other)
    {
        (string, object, object)[] fields =
        [
            ("backbone", Backbone, other.Backbone), ("tokenizer", Tokenizer, other.Tokenizer), ("site", Site, other.Site),
            ("width", Width, other.Width), ("dtype", DType, other.DType), ("max length", MaxLength, other.MaxLength),
            ("truncation", Truncation, other.Truncation), ("ONNX Runtime version", OnnxRuntime, other.OnnxRuntime),
            ("provider", Provider, other.Provider), ("tokens per run", TokensPerRun, other.TokensPerRun),
            ("tokens per shard", TokensPerShard, other.TokensPerShard),
        ];
        return from field in fields where !field.Item2.Equals(field.Item3) select (field.Item1, $"{field.Item2}", $"{field.Item3}");
    }
}
