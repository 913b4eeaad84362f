using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace OrtPeft;

/// <summary>`adapter_config.json` of peft, as far as it says something about an encoder's adapter. Fields of other methods stay away.</summary>
sealed record PeftConfig
{
    internal const string File = "adapter_config.json";
    internal const string Lora = "LORA", Ia3 = "IA3", Prefix = "PREFIX_TUNING", Prompt = "PROMPT_TUNING", LayerNorm = "LN_TUNING";
    internal const string Sequences = "SEQ_CLS", Tokens = "TOKEN_CLS", Features = "FEATURE_EXTRACTION";

    [JsonPropertyName("peft_type")]
    public required string PeftType { get; init; }

    [JsonPropertyName("task_type")]
    public string? TaskType { get; init; }

    [JsonPropertyName("base_model_name_or_path")]
    public string? BaseModel { get; init; }

    [JsonPropertyName("inference_mode")]
    public bool InferenceMode { get; init; } = true;

    [JsonPropertyName("target_modules")]
    public JsonNode? TargetModules { get; init; }

    [JsonPropertyName("modules_to_save")]
    public IReadOnlyList<string>? ModulesToSave { get; init; }

    [JsonPropertyName("r")]
    public int? Rank { get; init; }

    [JsonPropertyName("lora_alpha")]
    public double? Alpha { get; init; }

    [JsonPropertyName("lora_dropout")]
    public double? Dropout { get; init; }

    [JsonPropertyName("use_rslora")]
    public bool? RankStabilized { get; init; }

    [JsonPropertyName("use_dora")]
    public bool? Dora { get; init; }

    [JsonPropertyName("bias")]
    public string? Bias { get; init; }

    [JsonPropertyName("rank_pattern")]
    public IReadOnlyDictionary<string, int>? RankPattern { get; init; }

    [JsonPropertyName("alpha_pattern")]
    public IReadOnlyDictionary<string, double>? AlphaPattern { get; init; }

    [JsonPropertyName("fan_in_fan_out")]
    public bool? FanInFanOut { get; init; }

    [JsonPropertyName("feedforward_modules")]
    public JsonNode? FeedForwardModules { get; init; }

    [JsonPropertyName("num_virtual_tokens")]
    public int? VirtualTokens { get; init; }

    [JsonPropertyName("token_dim")]
    public int? TokenWidth { get; init; }

    [JsonPropertyName("num_transformer_submodules")]
    public int? Submodules { get; init; }

    [JsonPropertyName("num_attention_heads")]
    public int? Heads { get; init; }

    [JsonPropertyName("num_layers")]
    public int? Layers { get; init; }

    [JsonPropertyName("encoder_hidden_size")]
    public int? EncoderWidth { get; init; }

    [JsonPropertyName("prefix_projection")]
    public bool? Projection { get; init; }

    [JsonPropertyName("prompt_tuning_init")]
    public string? PromptInit { get; init; }

    /// <summary>Everything else that the file says.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Others { get; init; } = [];

    internal bool IsPromptLearning => PeftType is Prefix or Prompt;

    /// <summary>Variants of LoRA that change what is computed, by the field that switches them on.</summary>
    static readonly Dictionary<string, string> Variants = new()
    {
        ["use_qalora"] = "QA-LoRA",
        ["use_bdlora"] = "BD-LoRA",
        ["lora_bias"] = "a bias in B",
        ["layer_replication"] = "replicated layers",
        ["alora_invocation_tokens"] = "activated LoRA",
        ["arrow_config"] = "Arrow routing",
        ["velora_config"] = "VeLoRA",
        ["monteclora_config"] = "MonteCLoRA",
        ["kasa_config"] = "KaSA",
        ["trainable_token_indices"] = "trained token embeddings",
        ["target_parameters"] = "LoRA on bare parameters",
    };

    /// <summary>Reads the file of a folder and refuses what is not one of the five methods.</summary>
    internal static PeftConfig Read(string folder)
    {
        var path = Path.Combine(folder, File);
        var config = Json.Read<PeftConfig>(path, "peft adapter", "Restore the file.");
        if (config.PeftType is not (Lora or Ia3 or Prefix or Prompt or LayerNorm))
            throw Refused(path, $"peft_type is {DataError.Quote(config.PeftType)}; expected {Lora}, {Ia3}, {Prefix}, {Prompt} or {LayerNorm}");
        if (config.TaskType is not (null or Sequences or Tokens or Features))
            throw Refused(path, $"task_type is {DataError.Quote(config.TaskType)}; expected {Sequences}, {Tokens} or {Features}");
        if (Variants.FirstOrDefault(v => config.Others.TryGetValue(v.Key, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)) is { Key: { } field, Value: var variant })
            throw Refused(path, $"{field} asks for {variant}, which is not plain LoRA");
        if (config.Bias is not (null or "none"))
            throw Refused(path, $"bias is {DataError.Quote(config.Bias)}; expected none: biases of the backbone cannot be a part of LoRA here");
        if (config.FanInFanOut == true)
            throw Refused(path, "fan_in_fan_out is true, which no encoder's linear layer needs");
        return config;
    }

    internal static OrtPeftException Refused(string path, string why) => new($"'{path}' cannot be imported: {why}.");
}
