namespace OrtPeft;

/// <summary>
/// BitFit (Ben Zaken, Ravfogel, Goldberg; arXiv 2106.10199): trains the biases that the layers have, and nothing else. 7D + F values a layer
/// of width D with a feed-forward network of width F. Fuses without a trace.
/// </summary>
public sealed record BitFitOptions : EncoderMethodOptions
{
    internal const string Name = "bitfit";

    /// <summary>Which biases: `all`, or roles such as `attention.q,ffn.in,norm.ffn` with commas between.</summary>
    public string Biases { get; init; } = "all";

    /// <inheritdoc/>
    public override string Method => Name;

    internal override bool IsInPlace => true;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 3e-3);

    private protected override void Hook(HookScope scope) => BitFit.Hook(scope, this);
}
