using System.ComponentModel;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Options of an execution provider; which record it is says of which.</summary>
public abstract record ProviderOptions
{
    /// <summary>Number format in which the frozen part computes. What is trained computes in float32, so its gradients need no scaling.</summary>
    [Description("number format of the frozen part; what is trained stays in fp32")]
    public FrozenPrecision Frozen { get; init; }

    /// <summary>As ONNX Runtime names and writes them.</summary>
    internal abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What of them may change a value, in words; empty for the defaults.</summary>
    internal string Precision => string.Join(", ", Effects.Prepend(Frozen == FrozenPrecision.Fp32 ? "" : $"frozen part in {Frozen.ToString().ToLowerInvariant()}").Where(s => s.Length > 0));

    /// <summary>Those of the provider's own that may change a value, in words.</summary>
    private protected virtual IEnumerable<string> Effects => [];

    /// <summary>Bytes of cached features that may lie on the device.</summary>
    internal virtual long FeatureBytes => 0;

    internal virtual void Validate()
    {
    }
}

/// <summary>A provider that has none of its own.</summary>
sealed record NoOptions : ProviderOptions
{
    internal override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();
}

/// <summary>How the processor computes. None of its own options changes a value.</summary>
public sealed record CpuOptions : ProviderOptions
{
    /// <summary>Whether waiting threads spin. They gain nothing measurable on quiet machines and ruin shared ones.</summary>
    [Description("waiting threads spin: for a machine of one's own")]
    public bool Spinning { get; init; }

    /// <summary>Whether memory of a run is kept for the next. Without it memory is smaller and runs are slower.</summary>
    [Description("memory of a run is kept for the next")]
    public bool Arena { get; init; } = true;

    internal override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    internal void Apply(SessionOptions session)
    {
        session.EnableCpuMemArena = Arena;
        foreach (var pool in new[] { "intra", "inter" })
            session.AddSessionConfigEntry($"session.{pool}_op.allow_spinning", Spinning ? "1" : "0");
    }
}

/// <summary>How GPUs with a memory of their own compute.</summary>
public abstract record GpuOptions : ProviderOptions
{
    /// <summary>Most megabytes that the kept features may have: what is uploaded at once must fit into an array.</summary>
    const int MostFeatures = 2000;

    /// <summary>Megabytes of cached features that a head's training keeps on the device, at most 2000. What is larger as a whole is uploaded batch by batch, each while the one before is computed; 0 keeps none.</summary>
    [Description("MB of cached features kept on the device in training, up to 2000; more are uploaded batch by batch")]
    public int FeatureMemory { get; init; } = 1000;

    internal override long FeatureBytes => FeatureMemory * 1_000_000L;

    internal override void Validate()
    {
        if (FeatureMemory is < 0 or > MostFeatures)
            throw new OrtPeftException($"Option featureMemory is {FeatureMemory}; expected 0 to {MostFeatures} MB.");
    }
}

/// <summary>How much a CUDA arena asks the driver for when it is full.</summary>
public enum ArenaGrowth
{
    /// <summary>Twice what it asked for last: few requests.</summary>
    NextPowerOfTwo,

    /// <summary>Just what is needed: least memory.</summary>
    SameAsRequested,
}

/// <summary>How cuDNN's algorithm for a convolution is found.</summary>
public enum CudnnSearch
{
    /// <summary>By rule of thumb.</summary>
    Heuristic,

    /// <summary>By timing all, for each new shape.</summary>
    Exhaustive,

    /// <summary>cuDNN's own default.</summary>
    Default,
}

/// <summary>How an NVIDIA GPU computes (ONNX Runtime's CUDA provider).</summary>
public sealed record CudaOptions : GpuOptions
{
    /// <summary>Most memory that it takes of the device, in MiB; 0 for all there is.</summary>
    [Description("most memory taken of the device, MiB; 0 for all")]
    public int MemoryLimit { get; init; }

    /// <summary>How its memory grows.</summary>
    [Description("how its memory grows")]
    public ArenaGrowth Arena { get; init; }

    /// <summary>How algorithms of convolutions are found; encoders of texts have none.</summary>
    [Description("how algorithms of convolutions are found")]
    public CudnnSearch CudnnSearch { get; init; }

    /// <summary>Products of float32 matrices in TF32: faster, and 10 bits of mantissa in place of 23.</summary>
    [Description("float32 products with 10 bits of mantissa: faster, less exact")]
    public bool Tf32 { get; init; }

    /// <summary>Whether convolutions run with channels last.</summary>
    [Description("convolutions with channels last")]
    public bool PreferNhwc { get; init; }

    internal override IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            var settings = new Dictionary<string, string>
            {
                ["arena_extend_strategy"] = Arena == ArenaGrowth.NextPowerOfTwo ? "kNextPowerOfTwo" : "kSameAsRequested",
                ["cudnn_conv_algo_search"] = CudnnSearch.ToString().ToUpperInvariant(),
                ["use_tf32"] = Tf32 ? "1" : "0",
                ["prefer_nhwc"] = PreferNhwc ? "1" : "0",
            };
            if (MemoryLimit > 0)
                settings["gpu_mem_limit"] = ((long)MemoryLimit << 20).ToString(CultureInfo.InvariantCulture);
            return settings;
        }
    }

    private protected override IEnumerable<string> Effects => [Tf32 ? "TF32" : "", PreferNhwc ? "NHWC" : "", CudnnSearch == CudnnSearch.Heuristic ? "" : $"cuDNN search {CudnnSearch}"];

    internal override void Validate()
    {
        base.Validate();
        if (MemoryLimit < 0)
            throw new OrtPeftException($"Option memoryLimit of provider 'cuda' is {MemoryLimit}; expected MiB, or 0 for all.");
    }
}

/// <summary>How GPUs compute through DirectML.</summary>
public sealed record DirectMlOptions : GpuOptions
{
    internal override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();
}

/// <summary>Options of a provider that this library hands on as they are; ONNX Runtime checks them.</summary>
public sealed record OtherOptions : ProviderOptions
{
    /// <summary>By ONNX Runtime's names, such as device_type of OpenVINO.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    internal override IReadOnlyDictionary<string, string> Settings => Values;

    private protected override IEnumerable<string> Effects => Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}");
}
