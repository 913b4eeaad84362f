namespace OrtPeft;

/// <summary>Where and with how many threads graphs run.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Execution provider: auto, cpu, cuda, directml and others. What is named is what runs, or the run is refused; auto takes the best that is there and says so.</summary>
    public string Provider { get; init; } = ExecutionProviders.Auto;

    /// <summary>Threads to compute with; 0 takes one a processor core.</summary>
    public int Threads { get; init; }

    /// <summary>Numbers of the provider's devices. Caching works on all of them at once, everything else on the first.</summary>
    public IReadOnlyList<int> Devices { get; init; } = [0];

    /// <summary>Options of the provider; null for its defaults.</summary>
    public ProviderOptions? Options { get; init; }

    /// <summary>Folder of precompiled graphs; null looks in `compiled` beside the model.</summary>
    public string? Compiled { get; init; }

    /// <summary>Told what the user should know, such as why a precompiled graph is not used.</summary>
    public IProgress<string>? Notices { get; init; }

    /// <summary>The processor, whatever else is there: for checks of what was written.</summary>
    internal static ExecutionOptions Processor { get; } = new() { Provider = ExecutionProvider.Cpu };

    internal int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>The provider that <see cref="Provider"/> stands for on this machine.</summary>
    internal ExecutionProvider Chosen => ExecutionProviders.Choose(Provider, ProviderHost.This).Provider;

    /// <summary>Its name.</summary>
    internal string EffectiveProvider => Chosen.Name;

    internal ProviderOptions EffectiveOptions => Options ?? Chosen.Defaults();

    /// <summary>Runs to make at once: single-threaded ones on a processor, one a device.</summary>
    internal int Calls => Chosen.IsCpu ? EffectiveThreads : Devices.Count;

    /// <summary>What of it may change a value.</summary>
    internal string Precision => EffectiveOptions.Precision is { Length: > 0 } chosen ? $"{OrtSession.Precision}, {chosen}" : OrtSession.Precision;

    /// <exception cref="OrtPeftException">The provider is unknown, or cannot be used here; the message says what is missing.</exception>
    internal void Validate() => Validate(ProviderHost.This);

    internal void Validate(ProviderHost host)
    {
        if (Threads is < 0 or > 1024)
            throw new OrtPeftException($"--threads is {Threads}; expected 0 (one a core) to 1024.");
        var provider = ExecutionProviders.Choose(Provider, host).Provider;
        if (host.Problem(provider) is { } problem)
            throw new OrtPeftException(problem);
        if (Devices.Count == 0 || Devices.Any(d => d < 0) || Devices.Distinct().Count() < Devices.Count)
            throw new OrtPeftException($"--device is {string.Join(",", Devices)}; expected different numbers from 0, such as 0 or 0,1.");
        if (ProviderDevice.All(provider) is { Count: > 0 and var count } && Devices.Max() >= count)
            throw new OrtPeftException($"--device is {string.Join(",", Devices)}; provider {provider.Name} has {count} here, counted from 0.");
        if (Options is not null && Options.GetType() != provider.Defaults().GetType())
            throw new OrtPeftException($"{Options.GetType().Name} are not options of provider {provider.Name}; expected {provider.Defaults().GetType().Name}.");
        if (EffectiveOptions.Frozen == FrozenPrecision.Bf16 && !provider.HasBf16)
            throw new OrtPeftException($"Provider {provider.Name} has no kernels for bf16; use frozen=fp16, or {string.Join(" or ", ExecutionProviders.Table.Values.Where(p => p.HasBf16).Select(p => $"--provider {p.Name}"))}.");
        Options?.Validate();
    }
}
