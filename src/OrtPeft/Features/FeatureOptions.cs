namespace OrtPeft;

/// <summary>How stored feature values are represented.</summary>
public enum FeatureDType
{
    /// <summary>IEEE half precision: half the size; relative error of a value at most 2^-11.</summary>
    Fp16,

    /// <summary>Single precision: exactly what the backbone computed.</summary>
    Fp32,

    /// <summary>bfloat16: the size of fp16, the range of fp32; relative error of a value at most 2^-8.</summary>
    Bf16,

    /// <summary>8 bits and a float32 scale for each token: a quarter of the size; error of a value at most 1/254 of its token's largest.</summary>
#pragma warning disable CA1720 // the format's name
    Int8,
#pragma warning restore CA1720
}

/// <summary>What the feature caching job computes and how it stores it.</summary>
public sealed record FeatureOptions
{
    /// <summary>Longest text in tokens, special tokens included; what is longer is cut at the right.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>Where the backbone is cut: `last-hidden-state`, `layer.J` (the input of layer J), `embeddings`, `last-K-layers` (the last K hidden states side by side), or tensors' names with commas between.</summary>
    public string At { get; init; } = FeatureSite.LastHiddenState;

    /// <summary>Which tokens are stored: `all`, `mean` (one vector a text), `cls` (the first), or positions such as `0,-1`, negative from the end.</summary>
    public string Keep { get; init; } = TokenChoice.All;

    /// <summary>Stored number format: fp16, fp32, bf16 or int8.</summary>
    public FeatureDType DType { get; init; } = FeatureDType.Fp16;

    /// <summary>Tokens in one run of the backbone. Single-threaded runs of about 256, the default, are fastest on processors; a device gets 16,384 in place of the default.</summary>
    public int TokensPerRun { get; init; } = ProcessorTokensPerRun;

    /// <summary>Tokens in one shard file: what a killed job loses at most.</summary>
    public int TokensPerShard { get; init; } = 16_384;

    const int ProcessorTokensPerRun = 256;
    const int DeviceTokensPerRun = 16_384;

    /// <summary>With runs of the size that suits where they are made.</summary>
    internal FeatureOptions On(ExecutionOptions execution) =>
        TokensPerRun == ProcessorTokensPerRun && execution.Chosen.Memory is not null ? this with { TokensPerRun = DeviceTokensPerRun } : this;

    internal void Validate(Backbone backbone)
    {
        if (backbone.Images is null && (MaxLength < 3 || MaxLength > backbone.MaxPositions))
            throw new OrtPeftException($"--max-length is {MaxLength}; '{backbone.Name}' takes 3 to {backbone.MaxPositions} tokens.");
        if (TokensPerRun is < 1 or > 1 << 20)
            throw new OrtPeftException($"TokensPerRun is {TokensPerRun}; expected 1 to {1 << 20}.");
        if (TokensPerShard < backbone.LengthFor(MaxLength) || TokensPerShard > 1 << 24)
            throw new OrtPeftException($"TokensPerShard is {TokensPerShard}; expected {backbone.LengthFor(MaxLength)} (one example) to {1 << 24}.");
        _ = TokenChoice.Parse(Keep);
    }
}
