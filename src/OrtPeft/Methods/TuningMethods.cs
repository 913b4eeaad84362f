using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>All tuning methods by name. Adding one is a folder and a row.</summary>
static class TuningMethods
{
    /// <summary>Whether a method is for a backbone; if not, why not.</summary>
    internal sealed record MethodSupport(string Method, long TrainableParameters, string? Reason);

    /// <summary>One row: what the method is and how its options are made from JSON.</summary>
    internal sealed record Row(string DisplayName, string Summary, Type Options);

    internal static readonly IReadOnlyDictionary<string, Row> Table = new Dictionary<string, Row>
    {
        [LinearProbeOptions.Name] = new("Linear probe", "A linear layer on the features (mean, first token, maximum, or trained attention).", typeof(LinearProbeOptions)),
        [MlpOptions.Name] = new("MLP", "A perceptron with hidden layers on the features.", typeof(MlpOptions)),
        [LogisticRegressionOptions.Name] = new("Logistic regression", "A linear layer brought to its optimum by L-BFGS.", typeof(LogisticRegressionOptions)),
        [RidgeOptions.Name] = new("Ridge", "Ridge regression on the features, solved exactly.", typeof(RidgeOptions)),
        [LdaOptions.Name] = new("LDA", "Linear discriminant analysis, solved exactly.", typeof(LdaOptions)),
        [NearestMeanOptions.Name] = new("Nearest class mean", "The label whose mean feature vector is nearest.", typeof(NearestMeanOptions)),
        [YTuningOptions.Name] = new("Y-Tuning", "Label vectors that read the frozen tokens by attention (Y-Tuning, arXiv 2202.09817).", typeof(YTuningOptions)),
        [BitFitOptions.Name] = new("BitFit", "The biases of the layers.", typeof(BitFitOptions)),
        [LayerNormOptions.Name] = new("LayerNorm tuning", "Scale and shift of every norm.", typeof(LayerNormOptions)),
        [TtcOptions.Name] = new("TTC-Tuning", "Norms, then a map on the channels that matter most for the task (TTC-Tuning, arXiv 2303.07910).", typeof(TtcOptions)),
        [LoraOptions.Name] = new("LoRA", "A low-rank term beside chosen weight matrices.", typeof(LoraOptions)),
        [Ia3Options.Name] = new("IA3", "Factors on keys, values and inner activations.", typeof(Ia3Options)),
        [SsfOptions.Name] = new("SSF", "A factor and a shift behind every linear layer and norm.", typeof(SsfOptions)),
        [PastaOptions.Name] = new("PASTA", "Vectors added to the special tokens before every layer (PASTA, arXiv 2210.04382).", typeof(PastaOptions)),
        [AotKronOptions.Name] = new("AoT P-Tuning (Kronecker)", "A bias for every token id before every layer, as a Kronecker product (AoT P-Tuning, arXiv 2305.10835).", typeof(AotKronOptions)),
        [AotFcOptions.Name] = new("AoT P-Tuning (FC)", "A bias for every token id before every layer, from the word embeddings (AoT P-Tuning, arXiv 2305.10835).", typeof(AotFcOptions)),
        [PromptOptions.Name] = new("Prompt tuning", "Trained vectors before the word embeddings.", typeof(PromptOptions)),
        [PrefixOptions.Name] = new("Prefix tuning", "Trained keys and values that every layer attends to (also P-Tuning v2).", typeof(PrefixOptions)),
        [BottleneckOptions.Name] = new("Adapters", "Small networks behind or beside attention and feed-forward network.", typeof(BottleneckOptions)),
        [NasBitFitOptions.Name] = new("Searched BitFit", "The biases that are worth a budget, found by pruning (NAS for PET, arXiv 2305.16597).", typeof(NasBitFitOptions)),
        [NasLoraOptions.Name] = new("Searched LoRA", "The ranks, or entries, of LoRA that are worth a budget, found by pruning (NAS for PET, arXiv 2305.16597).", typeof(NasLoraOptions)),
        [NasMixedOptions.Name] = new("Searched LoRA and BitFit", "The biases and ranks that are worth a budget, found by pruning (NAS for PET, arXiv 2305.16597).", typeof(NasMixedOptions)),
        [FineTuningOptions.Name] = new("Fine-tuning", "Every weight, or those of the last layers: the reference.", typeof(FineTuningOptions)),
    };

    /// <summary>Whether <paramref name="method"/> with its defaults is for a backbone, and how many values it trains there for two labels.</summary>
    internal static MethodSupport SupportOf(string method, Backbone backbone)
    {
        try
        {
            return new MethodSupport(method, Parse(method, []).CountParameters(backbone, new ClassificationTask(["a", "b"])), null);
        }
        catch (OrtPeftException e)
        {
            return new MethodSupport(method, 0, e.Message);
        }
    }

    /// <summary>Options of <paramref name="method"/> with <paramref name="settings"/> ("option=value") over the defaults.</summary>
    /// <exception cref="OrtPeftException">Unknown method or option, or a value of the wrong type.</exception>
    internal static MethodOptions Parse(string method, IEnumerable<string> settings) =>
        Combinations.IsOne(method) ? Combinations.Parse(method, settings) : (MethodOptions)OptionsOf(method).Parse("--set", settings);

    internal static MethodOptions FromJson(string method, JsonNode? options) =>
        Combinations.IsOne(method) ? Combinations.FromJson(method, options) : (MethodOptions)OptionsOf(method).FromJson(options);

    internal static JsonNode ToJson(MethodOptions options) => options is CombinedOptions combined ? Combinations.ToJson(combined) : OptionRecord.ToJson(options);

    /// <summary>Every option with its value, named as <see cref="Parse"/> takes it.</summary>
    internal static IEnumerable<(string Name, JsonNode? Value)> Settings(JsonNode options) => options.AsObject().SelectMany(o =>
        o.Value is JsonObject part ? part.Select(p => ($"{o.Key}.{p.Key}", p.Value)) : [(o.Key, o.Value)]);

    static OptionRecord OptionsOf(string method) => new($"method '{method}'", RowOf(method).Options);

    /// <summary>Not chosen by its name but by bringing artifacts.</summary>
    static readonly Row Artifacts = new("Artifacts", "A head given as ONNX Runtime training artifacts.", typeof(ArtifactsOptions));

    internal static Row RowOf(string method) => Combinations.IsOne(method) ? Combinations.Row(method) : method == ArtifactsOptions.Name ? Artifacts : Table.TryGetValue(method, out var row)
        ? row
        : throw new OrtPeftException($"Unknown method '{method}'; this version has {string.Join(", ", Table.Keys)}.");
}
