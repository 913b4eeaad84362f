namespace OrtPeft;

/// <summary>Where and with how many threads graphs run.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Execution provider: auto or cpu. Nothing falls back silently: what is not in this build is refused.</summary>
    public string Provider { get; init; } = "auto";

    /// <summary>Threads to compute with; 0 takes one a processor core.</summary>
    public int Threads { get; init; }

    internal int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>The provider that <see cref="Provider"/> stands for on this machine.</summary>
    internal string EffectiveProvider => Provider == "auto" ? "cpu" : Provider;

    internal void Validate()
    {
        if (Threads is < 0 or > 1024)
            throw new OrtPeftException($"--threads is {Threads}; expected 0 (one a core) to 1024.");
        if (EffectiveProvider != "cpu")
            throw new OrtPeftException($"Execution provider '{Provider}' is not available in this build; expected auto or cpu. " +
                $"This ONNX Runtime has: {string.Join(", ", Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetAvailableProviders())}.");
    }
}
