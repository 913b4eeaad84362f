namespace OrtPeft;

/// <summary>The head of an adapter in peft's files, where peft knows it: Hugging Face's own classifiers.</summary>
/// <param name="Task">peft's task_type.</param>
/// <param name="Pooling">How token states become one vector.</param>
/// <param name="Modules">Modules by our tensors' names.</param>
sealed record PeftHead(string Task, PoolingKind Pooling, IReadOnlyDictionary<string, string> Modules)
{
    /// <summary>File for heads that Hugging Face has no classifier for; an addition of ours.</summary>
    internal const string OwnFile = "head.safetensors";

    /// <summary>What peft itself saves of every classifier.</summary>
    static readonly string[] Saved = ["classifier", "score"];

    /// <summary>Whether the layer before the last is the encoder's own pooler.</summary>
    internal bool ReadsPooler { get; init; }

    /// <summary>The head that models of the family have for peft's task; an explanation where none is like ours.</summary>
    internal static (PeftHead? Head, string WhyNot) Of(ModuleFamily? family, BackboneConfig config, string task)
    {
        if (family is null)
            return (null, "the model's family is not known");
        if (task == PeftConfig.Tokens)
            return family.HasLinearTokenHead ? (new(task, PoolingKind.Mean, ModulesOf(null, null, "classifier")), "") : (null, "the token classifier of its family is not one linear layer");
        var head = family.Head;
        var dense = head?.ReadsPooler == true ? family.Path(ModuleFamily.Pooler) : head?.Dense;
        return head?.Pooling(config) is { } pooling
            ? (new(PeftConfig.Sequences, pooling, ModulesOf(dense, head.Norm, head.Output)) { ReadsPooler = head.ReadsPooler }, "")
            : (null, "the sequence classifier of its family has a layer, an activation or a norm that no head here has");
    }

    /// <summary>The end of a tensor's key in the file.</summary>
    internal string KeyOf(string tensor) => $"{Modules[tensor]}.{(tensor is Pooler.Bias or OutputLayer.Bias ? "bias" : "weight")}";

    /// <summary>The key inside the model with its head: the pooler is a part of the encoder, a classifier is not.</summary>
    internal string KeyOf(string tensor, ModuleFamily family) => ReadsPooler && tensor is Pooler.Weight or Pooler.Bias ? $"{family.Base}.{KeyOf(tensor)}" : KeyOf(tensor);

    /// <summary>Whether peft saves a tensor although nobody named its module.</summary>
    internal bool IsAlwaysSaved(string tensor) => Saved.Contains(RootOf(tensor));

    /// <summary>peft's modules_to_save for some of the head's tensors.</summary>
    internal IReadOnlyList<string> ModulesToSave(IEnumerable<string> tensors) => [.. Saved.Concat(tensors.Select(RootOf)).Distinct()];

    string RootOf(string tensor) => Modules[tensor].Split('.')[0];

    static Dictionary<string, string> ModulesOf(string? dense, string? norm, string output)
    {
        var modules = new Dictionary<string, string> { [OutputLayer.Weight] = output, [OutputLayer.Bias] = output };
        if (dense is not null)
            modules[Pooler.Weight] = modules[Pooler.Bias] = dense;
        if (norm is not null)
            modules[Pooler.Norm] = norm;
        return modules;
    }
}
