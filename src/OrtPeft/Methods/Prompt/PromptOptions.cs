namespace OrtPeft;

/// <summary>
/// Prompt tuning (Lester, Al-Rfou, Constant; arXiv 2104.08691): trained vectors stand before the word embeddings of every text. D values a
/// token. The head reads them like tokens of the text; token classification leaves them out.
/// </summary>
public sealed record PromptOptions : EncoderMethodOptions
{
    internal const string Name = "prompt";

    /// <summary>Tokens put in front.</summary>
    public int Tokens { get; init; } = 10;

    /// <inheritdoc/>
    public override string Method => Name;

    internal override string? Leftover => "the prompt, before the word embeddings";

    internal override string? Unmergeable => "it lengthens the texts, also those of other tasks";

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 1e-2);

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Tokens), Tokens, 1, backbone.MaxPositions - 3);
        if (BackboneDropout > 0)
            throw new OrtPeftException("prompt: backboneDropout is for methods that leave texts as long as they are; expected 0.");
        if (Layers > 0)
            throw new OrtPeftException($"prompt: layers is {Layers}; the prompt stands before the first layer, so only layers=0 is possible. For the last layers choose --method prefix.");
    }

    private protected override void Hook(HookScope scope) => Prompt.Hook(scope, Tokens);
}
