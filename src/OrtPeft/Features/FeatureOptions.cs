namespace OrtPeft;

/// <summary>How stored feature values are represented.</summary>
public enum FeatureDType
{
    /// <summary>IEEE half precision: half the size; relative error of a value at most 2^-11.</summary>
    Fp16,

    /// <summary>Single precision: exactly what the backbone computed.</summary>
    Fp32,
}

/// <summary>What the feature caching job computes and how it stores it.</summary>
public sealed record FeatureOptions
{
    /// <summary>Longest text in tokens, special tokens included; what is longer is cut at the right.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>Stored number format: fp16 or fp32.</summary>
    public FeatureDType DType { get; init; } = FeatureDType.Fp16;

    /// <summary>Tokens in one single-threaded run of the backbone; about 256 is fastest on CPUs.</summary>
    public int TokensPerRun { get; init; } = 256;

    /// <summary>Tokens in one shard file: what a killed job loses at most.</summary>
    public int TokensPerShard { get; init; } = 16_384;

    internal int BytesPerValue => DType == FeatureDType.Fp16 ? 2 : 4;

    internal string SafetensorsDType => DType == FeatureDType.Fp16 ? "F16" : "F32";

    internal void Validate(Backbone backbone)
    {
        if (MaxLength < 3 || MaxLength > backbone.MaxPositions)
            throw new OrtPeftException($"--max-length is {MaxLength}; '{backbone.Name}' takes 3 to {backbone.MaxPositions} tokens.");
        if (TokensPerRun is < 1 or > 1 << 20)
            throw new OrtPeftException($"TokensPerRun is {TokensPerRun}; expected 1 to {1 << 20}.");
        if (TokensPerShard < MaxLength || TokensPerShard > 1 << 24)
            throw new OrtPeftException($"TokensPerShard is {TokensPerShard}; expected {MaxLength} (one text) to {1 << 24}.");
    }
}
