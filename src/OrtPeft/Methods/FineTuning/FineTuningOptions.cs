namespace OrtPeft;

/// <summary>
/// Fine-tuning of every weight, or of those of the last layers: the reference that parameter-efficient methods are measured against. Memory for
/// gradients and moments is four times that of the trained weights.
/// </summary>
public sealed record FineTuningOptions : EncoderMethodOptions
{
    internal const string Name = "fine-tuning";

    /// <inheritdoc/>
    public override string Method => Name;

    internal override bool IsInPlace => true;

    internal override string? Unmergeable => "it has weights of its own for the whole model";

    internal override TrainingOptions Defaults(int examples) => Recipe(examples, learningRate: 5e-5) with { BatchSize = 32 };

    private protected override void Hook(HookScope scope) => FineTuning.Hook(scope, Layers);
}
