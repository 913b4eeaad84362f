namespace OrtPeft;

/// <summary>What a caching job is going to cost, told before it starts.</summary>
public sealed record FeatureEstimate
{
    const int Sample = 256;

    /// <summary>Different texts to compute.</summary>
    public required int Examples { get; init; }

    /// <summary>Their tokens, extrapolated from a sample.</summary>
    public required long Tokens { get; init; }

    /// <summary>Bytes that their features take.</summary>
    public required long Bytes { get; init; }

    /// <summary>Minutes that the backbone needs for them, or null when its speed on this machine is not known.</summary>
    public double? Minutes { get; init; }

    /// <summary>Looks at <paramref name="missing"/>, the examples to compute, and tokenizes up to 256 of them, evenly spread.</summary>
    internal static FeatureEstimate Of(IReadOnlyList<Example> missing, Backbone backbone, FeatureOptions options, FeatureFingerprint fingerprint, double? tokensPerSecond)
    {
        var step = Math.Max(1, missing.Count / Sample);
        var lengths = Enumerable.Range(0, missing.Count).Where(i => i % step == 0).Select(i => backbone.Read(missing[i], options.MaxLength).Length).ToArray();
        var share = lengths.Length == 0 ? 0 : (double)missing.Count / lengths.Length;
        var tokens = (long)(lengths.Sum(l => (long)l) * share);
        return new FeatureEstimate
        {
            Examples = missing.Count,
            Tokens = tokens,
            Bytes = (long)(lengths.Sum(fingerprint.BytesOf) * share),
            Minutes = tokensPerSecond is > 0 and var rate ? tokens / rate / 60 : null,
        };
    }
}
