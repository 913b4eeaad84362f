namespace OrtPeft;

/// <summary>The head of an adapter in peft's files, where peft knows it: Hugging Face's own classifiers.</summary>
/// <param name="Task">peft's task_type.</param>
/// <param name="Pooling">How token states become one vector.</param>
/// <param name="Keys">Keys behind the prefix by our tensors' names.</param>
sealed record PeftHead(string Task, PoolingKind Pooling, IReadOnlyDictionary<string, string> Keys)
{
    /// <summary>File for heads that Hugging Face has no classifier for; an addition of ours.</summary>
    internal const string OwnFile = "head.safetensors";

    static readonly (string Own, string Key)[] Linear = [(OutputLayer.Weight, "classifier.weight"), (OutputLayer.Bias, "classifier.bias")];

    /// <summary>One linear layer on every token.</summary>
    static readonly PeftHead OfTokens = new(PeftConfig.Tokens, PoolingKind.Mean, Map(Linear));

    static readonly PeftHead OfFirstToken = new(PeftConfig.Sequences, PoolingKind.Cls, Map(Linear));

    static readonly PeftHead OfDense = new(PeftConfig.Sequences, PoolingKind.Pooler, Map((PooledFeatures.PoolerWeight, "classifier.dense.weight"),
        (PooledFeatures.PoolerBias, "classifier.dense.bias"), (OutputLayer.Weight, "classifier.out_proj.weight"), (OutputLayer.Bias, "classifier.out_proj.bias")));

    /// <summary>The head that models of the family have for peft's task; an explanation where none is like ours.</summary>
    internal static (PeftHead? Head, string WhyNot) Of(ModuleFamily? family, string task) => (task, family?.Head) switch
    {
        (_, null) => (null, "the model's family is not known"),
        (PeftConfig.Tokens, _) => family!.HasLinearTokenHead ? (OfTokens, "") : (null, "the token classifier of its family is not one linear layer"),
        (_, SequenceHead.FirstToken) => (OfFirstToken, ""),
        (_, SequenceHead.Dense) => (OfDense, ""),
        (_, SequenceHead.Pooler) when family!.Path(ModuleFamily.Pooler) is { } pooler => (new PeftHead(PeftConfig.Sequences, PoolingKind.Pooler,
            Map([(PooledFeatures.PoolerWeight, $"{pooler}.weight"), (PooledFeatures.PoolerBias, $"{pooler}.bias"), .. Linear])), ""),
        _ => (null, "the sequence classifier of its family has a layer or an activation that no head here has"),
    };

    /// <summary>Key in the file: the pooler is a part of the encoder, a classifier is not.</summary>
    internal string KeyOf(string tensor, ModuleFamily family) => Keys[tensor] is var key && key.StartsWith("classifier", StringComparison.Ordinal) ? key : $"{family.Base}.{key}";

    static Dictionary<string, string> Map(params (string Own, string Key)[] keys) => keys.ToDictionary(k => k.Own, k => k.Key);
}
