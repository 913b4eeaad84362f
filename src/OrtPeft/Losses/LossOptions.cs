namespace OrtPeft;

/// <summary>Which loss is minimised, and how.</summary>
public sealed record LossOptions
{
    /// <summary>Name of the loss; null takes what suits task and method.</summary>
    public string? Name { get; init; }

    /// <summary>Share of the probability that cross-entropy gives to all labels alike (Szegedy et al., arXiv 1512.00567): 0 to below 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Focal loss: how much less well-recognised examples count (gamma of Lin et al., arXiv 1708.02002); 0 is cross-entropy.</summary>
    public double FocalGamma { get; init; } = 2;

    internal void Validate()
    {
        if (!(LabelSmoothing is >= 0 and < 1))
            throw new OrtPeftException(FormattableString.Invariant($"--label-smoothing is {LabelSmoothing}; expected 0 to below 1."));
        if (!(FocalGamma is >= 0 and <= 10))
            throw new OrtPeftException(FormattableString.Invariant($"--focal-gamma is {FocalGamma}; expected 0 to 10."));
    }
}
