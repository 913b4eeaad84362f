namespace OrtPeft;

/// <summary>What the two forms of Ahead-of-Time P-Tuning (Gavrilov, Balagansky; arXiv 2305.10835) have in common.</summary>
public abstract record AheadOfTimeOptions : EncoderMethodOptions
{
    /// <summary>Dropout rate while training.</summary>
    public double Dropout { get; init; } = 0.1;

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Dropout), Dropout, 0, 0.9);
        RequireRange("Rank", Inner, 1, 4096);
    }

    private protected abstract int Inner { get; }

    internal override string? Leftover => "a table of one row a token id, before each layer";

    private protected override void Fuse(HookScope scope) => AheadOfTime.Fuse(scope, Layers, name => Table(scope, name));

    /// <summary>P of a layer: [vocabulary, width].</summary>
    private protected abstract float[] Table(HookScope scope, string layer);
}
