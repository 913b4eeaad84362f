namespace OrtPeft;

/// <summary>What a caching job did.</summary>
public sealed record FeatureJobResult
{
    /// <summary>The cache's folder; not the one asked for when that holds features of another fingerprint.</summary>
    public required string Folder { get; init; }

    /// <summary>Examples asked for.</summary>
    public required int Examples { get; init; }

    /// <summary>Examples computed by this run; the same text twice is computed once.</summary>
    public required int Computed { get; init; }

    /// <summary>Examples whose features were there already, or that repeat a text of this run.</summary>
    public required int Reused { get; init; }

    /// <summary>Tokens computed by this run, without padding.</summary>
    public required long Tokens { get; init; }

    /// <summary>Share of padding among the tokens computed, in percent.</summary>
    public required double PaddingPercent { get; init; }

    /// <summary>Bytes of all shards of the cache.</summary>
    public required long Bytes { get; init; }

    /// <summary>How values are stored.</summary>
    public required FeatureDType DType { get; init; }

    /// <summary>Where the backbone is cut.</summary>
    public string Site { get; init; } = FeatureSite.LastHiddenState;

    /// <summary>Which tokens are stored.</summary>
    public string Stored { get; init; } = TokenChoice.All;

    /// <summary>What each number format adds to the features, measured on the first tokens this run computed; empty when it computed none.</summary>
    public IReadOnlyList<FeatureError> Errors { get; init; } = [];

    /// <summary>What was expected before the work; null when the examples could be read only once.</summary>
    public FeatureEstimate? Estimate { get; init; }

    /// <summary>What changed in the data set since the cache was last filled with it; null when it has no name.</summary>
    public FeatureIndexChanges? Index { get; init; }

    /// <summary>Wall time of the run, tokenization and writing included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Part of <see cref="Seconds"/> in which the model was loaded.</summary>
    public double LoadSeconds { get; init; }

    /// <summary>Examples computed a second.</summary>
    public double ExamplesPerSecond => Computed == 0 ? 0 : Computed / Math.Max(Seconds, 1e-9);

    /// <summary>Hash of everything that changes a cached value.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Sentences for the user: another cache found, damaged shards, a job taken up again.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}
