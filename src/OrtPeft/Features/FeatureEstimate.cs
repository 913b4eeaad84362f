namespace OrtPeft;

/// <summary>What a caching job is going to cost, told before it starts.</summary>
public sealed record FeatureEstimate
{
    /// <summary>Different texts to compute.</summary>
    public required int Examples { get; init; }

    /// <summary>Their tokens, extrapolated from a sample.</summary>
    public required long Tokens { get; init; }

    /// <summary>Bytes that their features take.</summary>
    public required long Bytes { get; init; }

    /// <summary>Minutes that the backbone needs for them, or null when its speed on this machine is not known.</summary>
    public double? Minutes { get; init; }

    /// <summary>Tokenizes <paramref name="sample"/> of the <paramref name="missing"/> texts.</summary>
    internal static FeatureEstimate Of(int missing, IReadOnlyList<Example> sample, Backbone backbone, FeatureOptions options, FeatureFingerprint fingerprint, double? tokensPerSecond)
    {
        var lengths = sample.Select(e => backbone.Read(e, options.MaxLength).Length).ToArray();
        var share = lengths.Length == 0 ? 0 : (double)missing / lengths.Length;
        var tokens = (long)(lengths.Sum(l => (long)l) * share);
        return new FeatureEstimate
        {
            Examples = missing,
            Tokens = tokens,
            Bytes = (long)(lengths.Sum(fingerprint.BytesOf) * share),
            Minutes = tokensPerSecond is > 0 and var rate ? tokens / rate / 60 : null,
        };
    }
}
