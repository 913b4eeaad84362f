using static OrtPeft.EncoderRoles;

namespace OrtPeft;

/// <summary>All families by the `model_type` of their config.json. A family whose modules were renamed between versions has a row for each.</summary>
static class ModuleFamilies
{
    static readonly Dictionary<string, string> Bert = new()
    {
        [Query] = "attention.self.query",
        [Key] = "attention.self.key",
        [Value] = "attention.self.value",
        [AttentionOutput] = "attention.output.dense",
        [AttentionNorm] = "attention.output.LayerNorm",
        [FeedForwardIn] = "intermediate.dense",
        [FeedForwardOut] = "output.dense",
        [FeedForwardNorm] = "output.LayerNorm",
        [ModuleFamily.EmbeddingsNorm] = "embeddings.LayerNorm",
        [ModuleFamily.Pooler] = "pooler.dense",
    };

    static readonly Dictionary<string, string> Vision = new()
    {
        [Query] = "attention.attention.query",
        [Key] = "attention.attention.key",
        [Value] = "attention.attention.value",
        [AttentionOutput] = "attention.output.dense",
        [AttentionNorm] = "layernorm_before",
        [FeedForwardIn] = "intermediate.dense",
        [FeedForwardOut] = "output.dense",
        [FeedForwardNorm] = "layernorm_after",
        [ModuleFamily.FinalNorm] = "layernorm",
    };

    /// <summary>Vision modules from version 5 of transformers on.</summary>
    static readonly Dictionary<string, string> RenamedVision = new()
    {
        [Query] = "attention.q_proj",
        [Key] = "attention.k_proj",
        [Value] = "attention.v_proj",
        [AttentionOutput] = "attention.o_proj",
        [AttentionNorm] = "layernorm_before",
        [FeedForwardIn] = "mlp.fc1",
        [FeedForwardOut] = "mlp.fc2",
        [FeedForwardNorm] = "layernorm_after",
        [ModuleFamily.FinalNorm] = "layernorm",
    };

    internal static readonly IReadOnlyDictionary<string, IReadOnlyList<ModuleFamily>> Table = new Dictionary<string, IReadOnlyList<ModuleFamily>>
    {
        ["bert"] = [BertLike("bert") with { Head = SequenceHeads.Bert }],
        ["roberta"] = [BertLike("roberta") with { Head = SequenceHeads.Roberta }],
        ["xlm-roberta"] = [BertLike("roberta") with { Head = SequenceHeads.Roberta }],
        ["camembert"] = [BertLike("roberta") with { Head = SequenceHeads.Roberta }],
        ["electra"] = [BertLike("electra") with { Head = SequenceHeads.Electra }],
        ["ernie"] = [BertLike("ernie") with { Head = SequenceHeads.Bert }],
        ["deberta"] = [BertLike("deberta", (Query, null), (Key, null), (Value, null)) with { Head = SequenceHeads.Deberta }], // one in_proj for all three
        ["deberta-v2"] =
        [
            BertLike("deberta", (Query, "attention.self.query_proj"), (Key, "attention.self.key_proj"), (Value, "attention.self.value_proj")) with { Head = SequenceHeads.Deberta },
        ],
        ["mpnet"] =
        [
            BertLike("mpnet", (Query, "attention.attn.q"), (Key, "attention.attn.k"), (Value, "attention.attn.v"), (AttentionOutput, "attention.attn.o"), (AttentionNorm, "attention.LayerNorm"))
                with { Head = SequenceHeads.Roberta },
        ],
        ["albert"] =
        [
            new("albert", "encoder.albert_layer_groups.0.albert_layers.0", new Dictionary<string, string>
            {
                [Query] = "attention.query",
                [Key] = "attention.key",
                [Value] = "attention.value",
                [AttentionOutput] = "attention.dense",
                [AttentionNorm] = "attention.LayerNorm",
                [FeedForwardIn] = "ffn",
                [FeedForwardOut] = "ffn_output",
                [FeedForwardNorm] = "full_layer_layer_norm",
                [ModuleFamily.EmbeddingsNorm] = "embeddings.LayerNorm",
                [ModuleFamily.Pooler] = "pooler",
            }) { Head = SequenceHeads.Bert },
        ],
        ["distilbert"] =
        [
            new("distilbert", "transformer.layer.{0}", new Dictionary<string, string>
            {
                [Query] = "attention.q_lin",
                [Key] = "attention.k_lin",
                [Value] = "attention.v_lin",
                [AttentionOutput] = "attention.out_lin",
                [AttentionNorm] = "sa_layer_norm",
                [FeedForwardIn] = "ffn.lin1",
                [FeedForwardOut] = "ffn.lin2",
                [FeedForwardNorm] = "output_layer_norm",
                [ModuleFamily.EmbeddingsNorm] = "embeddings.LayerNorm",
            }) { Head = SequenceHeads.DistilBert },
        ],
        ["bart"] =
        [
            new("model", "encoder.layers.{0}", new Dictionary<string, string>
            {
                [Query] = "self_attn.q_proj",
                [Key] = "self_attn.k_proj",
                [Value] = "self_attn.v_proj",
                [AttentionOutput] = "self_attn.out_proj",
                [AttentionNorm] = "self_attn_layer_norm",
                [FeedForwardIn] = "fc1",
                [FeedForwardOut] = "fc2",
                [FeedForwardNorm] = "final_layer_norm",
                [ModuleFamily.EmbeddingsNorm] = "encoder.layernorm_embedding",
            }) { HasLinearTokenHead = false },
        ],
        ["t5"] = [T5((FeedForwardIn, "layer.1.DenseReluDense.wi")), T5((FeedForwardIn, "layer.1.DenseReluDense.wi_0"), (FeedForwardGate, "layer.1.DenseReluDense.wi_1"))],
        ["modernbert"] =
        [
            // Query, key and value are one module, Wqkv; so are the network's first layer and its gate, mlp.Wi.
            new("model", "layers.{0}", new Dictionary<string, string>
            {
                [AttentionOutput] = "attn.Wo",
                [AttentionNorm] = "attn_norm",
                [FeedForwardOut] = "mlp.Wo",
                [FeedForwardNorm] = "mlp_norm",
                [ModuleFamily.EmbeddingsNorm] = "embeddings.norm",
                [ModuleFamily.FinalNorm] = "final_norm",
            }) { Head = SequenceHeads.ModernBert, HasLinearTokenHead = false },
        ],
        ["vit"] = VisionLike("vit"),
        ["deit"] = VisionLike("deit"),
    };

    static ModuleFamily BertLike(string name, params (string Role, string? Path)[] others)
    {
        var modules = new Dictionary<string, string>(Bert);
        foreach (var (role, path) in others)
        {
            modules.Remove(role);
            if (path is not null)
                modules.Add(role, path);
        }
        return new ModuleFamily(name, "encoder.layer.{0}", modules);
    }

    static ModuleFamily T5(params (string Role, string Path)[] feedForward)
    {
        var modules = new Dictionary<string, string>
        {
            [Query] = "layer.0.SelfAttention.q",
            [Key] = "layer.0.SelfAttention.k",
            [Value] = "layer.0.SelfAttention.v",
            [AttentionOutput] = "layer.0.SelfAttention.o",
            [AttentionNorm] = "layer.0.layer_norm",
            [FeedForwardOut] = "layer.1.DenseReluDense.wo",
            [FeedForwardNorm] = "layer.1.layer_norm",
            [ModuleFamily.FinalNorm] = "encoder.final_layer_norm",
        };
        foreach (var (role, path) in feedForward)
            modules.Add(role, path);
        return new("transformer", "encoder.block.{0}", modules) { HasLinearTokenHead = false };
    }

    static ModuleFamily[] VisionLike(string name) =>
    [
        new(name, "encoder.layer.{0}", Vision) { Head = SequenceHeads.Vit },
        new(name, "layers.{0}", RenamedVision) { Head = SequenceHeads.Vit },
    ];
}
