namespace OrtPeft;

/// <summary>
/// PASTA (Yang et al., arXiv 2210.04382): before every layer a trained vector is added to the hidden states of the special tokens, one for the
/// first, one for the second, and so on. D values a layer and special token.
/// </summary>
public sealed record PastaOptions : EncoderMethodOptions
{
    internal const string Name = "pasta";

    /// <summary>Special tokens of an example that get a vector; 0 takes as many as the tokenizer adds to a pair of texts.</summary>
    public int SpecialTokens { get; init; }

    /// <summary>Dropout rate on the vectors while training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override string? Leftover => "the vectors of the special tokens, before each layer";

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 1e-2, weightDecay: 0);

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(SpecialTokens), SpecialTokens, 0, 64);
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
    }

    private protected override void Hook(HookScope scope) => Pasta.Hook(scope, this);
}
