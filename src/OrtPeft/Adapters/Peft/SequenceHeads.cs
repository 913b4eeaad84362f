namespace OrtPeft;

/// <summary>What a sequence classifier of Hugging Face's transformers computes from the hidden states, and where its modules are.</summary>
/// <param name="Pooling">The same in our heads, which may depend on the model's config.json; null where none computes it.</param>
sealed record SequenceHead(Func<BackboneConfig, PoolingKind?> Pooling)
{
    internal SequenceHead(PoolingKind pooling)
        : this(_ => pooling)
    {
    }

    /// <summary>Module of the layer before the last; null where there is none, or where it is the encoder's own pooler.</summary>
    internal string? Dense { get; init; }

    /// <summary>Module of the norm behind it.</summary>
    internal string? Norm { get; init; }

    /// <summary>Module of the last layer.</summary>
    internal string Output { get; init; } = "classifier";

    /// <summary>Whether the layer before the last is the encoder's own pooler.</summary>
    internal bool ReadsPooler { get; init; }
}

/// <summary>All of them, after the attributes of the classes `...ForSequenceClassification` in transformers.</summary>
static class SequenceHeads
{
    /// <summary>classifier(tanh(bert.pooler.dense(first token))).</summary>
    internal static readonly SequenceHead Bert = new(PoolingKind.Pooler) { ReadsPooler = true };

    /// <summary>classifier.out_proj(tanh(classifier.dense(first token))).</summary>
    internal static readonly SequenceHead Roberta = new(PoolingKind.Pooler) { Dense = "classifier.dense", Output = "classifier.out_proj" };

    /// <summary>classifier.out_proj(GELU(classifier.dense(first token))).</summary>
    internal static readonly SequenceHead Electra = new(PoolingKind.PoolerGelu) { Dense = "classifier.dense", Output = "classifier.out_proj" };

    /// <summary>classifier(ReLU(pre_classifier(first token))).</summary>
    internal static readonly SequenceHead DistilBert = new(PoolingKind.PoolerRelu) { Dense = "pre_classifier" };

    /// <summary>classifier(activation(pooler.dense(first token))), with a pooler outside the encoder.</summary>
    internal static readonly SequenceHead Deberta = new(config => config.PoolerActivation switch
    {
        null or "gelu" => PoolingKind.PoolerGelu,
        "tanh" => PoolingKind.Pooler,
        "relu" => PoolingKind.PoolerRelu,
        _ => null,
    })
    { Dense = "pooler.dense" };

    /// <summary>classifier(head.norm(GELU(head.dense(first token, or mean)))), without biases but the last.</summary>
    internal static readonly SequenceHead ModernBert = new(config => (config.ClassifierActivation ?? "gelu", config.NormEpsilon ?? 1e-5, config.ClassifierBias == true || config.NormBias == true, config.ClassifierPooling ?? "cls") switch
    {
        ("gelu", 1e-5, false, "cls") => PoolingKind.PoolerNorm,
        ("gelu", 1e-5, false, "mean") => PoolingKind.PoolerNormMean,
        _ => null,
    })
    { Dense = "head.dense", Norm = "head.norm" };

    /// <summary>classifier(first token).</summary>
    internal static readonly SequenceHead Vit = new(PoolingKind.Cls);
}
