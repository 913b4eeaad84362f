namespace OrtPeft;

/// <summary>How far a caching job is.</summary>
public readonly record struct FeatureProgress
{
    /// <summary>Examples whose features exist, reused and repeated ones included.</summary>
    public int Examples { get; init; }

    /// <summary>Examples asked for; 0 when nobody knows.</summary>
    public int TotalExamples { get; init; }

    /// <summary>Tokens computed by this run.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens this run has to compute, estimated as long as not all is planned; 0 when nobody knows.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Time since the first token.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>What the work is going to cost, said before it begins; everything else is zero then.</summary>
    public FeatureEstimate? Estimate { get; init; }

    /// <summary>A sentence for the user, said before the work begins; everything else is zero then.</summary>
    public string? Notice { get; init; }
}
