namespace OrtPeft;

/// <summary>
/// LayerNorm tuning: trains scale and shift of every norm, those of the embeddings and behind the last layer included when all layers are tuned.
/// 2D values a norm of width D. The first stage of TTC (arXiv 2303.07910). Fuses without a trace.
/// </summary>
public sealed record LayerNormOptions : EncoderMethodOptions
{
    internal const string Name = "layer-norm";

    /// <inheritdoc/>
    public override string Method => Name;

    internal override bool IsInPlace => true;

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 3e-3);

    private protected override void Hook(HookScope scope) => LayerNormTuning.Hook(scope, Layers);
}
