using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>One execution provider: what it is called here and in ONNX Runtime, how a session gets it, and what it needs.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="RuntimeName">Its name in ONNX Runtime.</param>
/// <param name="Summary">What it runs on.</param>
sealed record ExecutionProvider(string Name, string RuntimeName, string Summary)
{
    internal const string Cpu = "cpu";

    /// <summary>How to get an ONNX Runtime that has it, a sentence.</summary>
    internal required string Install { get; init; }

    /// <summary>Adds it to a session.</summary>
    internal required Action<ProviderRequest> Append { get; init; }

    /// <summary>Its options with their defaults.</summary>
    internal Func<ProviderOptions> Defaults { get; init; } = () => new NoOptions();

    /// <summary>Its own library, which lies beside ONNX Runtime's; null where it is inside.</summary>
    internal RequiredLibrary? Library { get; init; }

    /// <summary>Libraries of the system that it needs.</summary>
    internal IReadOnlyList<RequiredLibrary> Needs { get; init; } = [];

    /// <summary>How to get <see cref="Needs"/>, a sentence.</summary>
    internal string InstallNeeds { get; init; } = "";

    /// <summary>ONNX Runtime's name for the memory of its devices; null where tensors lie in the processor's memory.</summary>
    internal string? Memory { get; init; }

    /// <summary>Whether it has kernels for bfloat16.</summary>
    internal bool HasBf16 { get; init; }

    /// <summary>ONNX Runtime's name for memory of the processor that its devices read themselves; null where there is none.</summary>
    internal string? PinnedMemory { get; init; }

    /// <summary>Whether it writes what it compiled as an ONNX model with EPContext nodes.</summary>
    internal bool WritesContext { get; init; }

    internal bool IsCpu => Name == Cpu;
}

/// <summary>What a provider is added to, and how.</summary>
/// <param name="Session">The session's options.</param>
/// <param name="Options">The provider's options.</param>
/// <param name="Device">Number of the device.</param>
sealed record ProviderRequest(SessionOptions Session, ProviderOptions Options, int Device)
{
    /// <summary>Options and device by the names that ONNX Runtime knows.</summary>
    internal Dictionary<string, string> Settings(string? deviceKey = null)
    {
        var settings = Options.Settings.ToDictionary();
        if (deviceKey is not null)
            settings[deviceKey] = Device.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return settings;
    }
}

/// <summary>A shared library that a provider needs.</summary>
/// <param name="What">What it is part of, such as cuDNN 9.</param>
/// <param name="Linux">Its file on Linux.</param>
/// <param name="Windows">Its file on Windows.</param>
sealed record RequiredLibrary(string What, string Linux, string Windows)
{
    /// <summary>Its file on this system.</summary>
    internal string File => OperatingSystem.IsWindows() ? Windows : Linux;
}
