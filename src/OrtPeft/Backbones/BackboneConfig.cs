using System.Text.Json.Serialization;

namespace OrtPeft;

/// <summary>What is read of a Hugging Face `config.json`. Every field may be missing.</summary>
sealed record BackboneConfig
{
    [JsonPropertyName("model_type")]
    public string? ModelType { get; init; }

    [JsonPropertyName("num_hidden_layers")]
    public int? HiddenLayers { get; init; }

    [JsonPropertyName("n_layers")]
    public int? DistilLayers { get; init; }

    [JsonPropertyName("num_attention_heads")]
    public int? AttentionHeads { get; init; }

    [JsonPropertyName("n_heads")]
    public int? DistilHeads { get; init; }

    [JsonPropertyName("max_position_embeddings")]
    public int? Positions { get; init; }

    [JsonPropertyName("pad_token_id")]
    public int? PadId { get; init; }

    [JsonPropertyName("pooler_hidden_act")]
    public string? PoolerActivation { get; init; }

    [JsonPropertyName("classifier_activation")]
    public string? ClassifierActivation { get; init; }

    [JsonPropertyName("classifier_pooling")]
    public string? ClassifierPooling { get; init; }

    [JsonPropertyName("classifier_bias")]
    public bool? ClassifierBias { get; init; }

    [JsonPropertyName("norm_bias")]
    public bool? NormBias { get; init; }

    [JsonPropertyName("norm_eps")]
    public double? NormEpsilon { get; init; }

    internal int? Layers => HiddenLayers ?? DistilLayers;

    internal int? Heads => AttentionHeads ?? DistilHeads;

    /// <summary>RoBERTa and its children count positions from behind the padding id.</summary>
    internal int? UsablePositions =>
        ModelType is "roberta" or "xlm-roberta" or "camembert" or "mpnet" or "longformer" ? Positions - (PadId ?? 1) - 1 : Positions;
}
