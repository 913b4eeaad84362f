using System.Globalization;
using System.Text.Json;

namespace OrtPeft;

/// <summary>Everything that changes a cached value. Two caches with equal fingerprints hold equal features for equal texts.</summary>
sealed record FeatureFingerprint
{
    public required string Backbone { get; init; }
    /// <summary>Of the tokenizer its SHA-256; of an image preparation all that it does, in words.</summary>
    public required string Tokenizer { get; init; }
    public required string Site { get; init; }
    public required IReadOnlyList<SiteTensor> Tensors { get; init; }
    public required string Tokens { get; init; }
    public required string DType { get; init; }
    public required int MaxLength { get; init; }
    public required string Truncation { get; init; }
    public required string OnnxRuntime { get; init; }
    public required string Provider { get; init; }
    public required string Precision { get; init; }
    public required int TokensPerRun { get; init; }
    public required int TokensPerShard { get; init; }

    internal static FeatureFingerprint Of(Backbone backbone, FeatureOptions options, ExecutionOptions execution)
    {
        var site = BackboneSites.Resolve(backbone, options.At);
        return new()
        {
            Backbone = backbone.Sha256,
            Tokenizer = backbone.InputPreparation,
            Site = site.Name,
            Tensors = site.Tensors,
            Tokens = TokenChoice.Parse(options.Keep).Name,
            DType = FeatureCodec.Name(options.DType),
            MaxLength = backbone.LengthFor(options.MaxLength),
            Truncation = "longest_first, right",
            OnnxRuntime = OrtSession.Version,
            Provider = execution.EffectiveProvider,
            Precision = execution.Precision,
            TokensPerRun = options.On(execution).TokensPerRun,
            TokensPerShard = options.TokensPerShard,
        };
    }

    internal string Hash => FileHash.OfText(JsonSerializer.Serialize(this, Json.Compact));

    /// <summary>The fields that differ, most important first, each with the value here and the one there.</summary>
    internal IEnumerable<(string Field, string Here, string There)> DifferencesTo(FeatureFingerprint other) =>
        Fields().Zip(other.Fields(), (here, there) => (here.Name, Here: here.Value, There: there.Value)).Where(f => f.Here != f.There);

    /// <summary>Every field by the name people read.</summary>
    internal IEnumerable<(string Name, string Value)> Fields() =>
    [
        ("backbone", Backbone), (Tokenizer.Contains(' ') ? "image preparation" : "tokenizer", Tokenizer), ("site", Site),
        ("graph cut", string.Join(", ", Tensors.Select(t => $"{t.Name} [{(t.HasTokens ? "tokens, " : "")}{t.Width}]"))), ("tokens", Tokens), ("dtype", DType),
        ("max length", Number(MaxLength)), ("truncation", Truncation), ("ONNX Runtime version", OnnxRuntime), ("provider", Provider),
        ("precision", Precision), ("tokens per run", Number(TokensPerRun)), ("tokens per shard", Number(TokensPerShard)),
    ];

    /// <summary>Bytes that a text of <paramref name="length"/> tokens takes.</summary>
    internal long BytesOf(int length)
    {
        var dtype = FeatureCodec.Parse(DType);
        var rows = TokenChoice.Parse(Tokens).Rows(length);
        return Tensors.Sum(t => (long)FeatureCodec.RowBytes(dtype, t.Width) * (t.HasTokens ? rows : 1));
    }

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
