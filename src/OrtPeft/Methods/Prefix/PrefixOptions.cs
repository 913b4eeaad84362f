namespace OrtPeft;

/// <summary>
/// Prefix tuning (Li, Liang; arXiv 2101.00190) and P-Tuning v2 (Liu et al., arXiv 2110.07602): in every layer the text attends to trained keys and values
/// too. 2 tokens D values a layer.
/// </summary>
public sealed record PrefixOptions : EncoderMethodOptions
{
    internal const string Name = "prefix";

    /// <summary>Trained keys and values in each layer.</summary>
    public int Tokens { get; init; } = 10;

    /// <summary>Inner width of a network that makes keys and values from one trained vector a token, as the first paper trains them; 0 trains them directly.</summary>
    public int Projection { get; init; }

    /// <inheritdoc/>
    public override string Method => Name;

    internal override string? Leftover => "keys and values in each layer";

    internal override string? Unmergeable => "every row of a batch attends to its keys, also those of other tasks";

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 1e-2);

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Tokens), Tokens, 1, backbone.MaxPositions - 3);
        RequireRange(nameof(Projection), Projection, 0, 1 << 16);
    }

    private protected override void Hook(HookScope scope) => Prefix.Hook(scope, this);
}
