using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>What a process has for providers. Tests describe other machines with it.</summary>
/// <param name="BuiltIn">Names of the providers inside its ONNX Runtime.</param>
/// <param name="Beside">The path of a file beside ONNX Runtime's library, if it is there.</param>
/// <param name="CanLoad">Whether the system finds a library by its name.</param>
/// <param name="HasDevice">Whether a provider whose devices can be counted has one.</param>
sealed record ProviderHost(IReadOnlyCollection<string> BuiltIn, Func<string, string?> Beside, Func<string, bool> CanLoad, Func<ExecutionProvider, bool> HasDevice)
{
    /// <summary>This process.</summary>
    internal static ProviderHost This { get; } = new(OrtEnv.Instance().GetAvailableProviders(), FindBeside, TryLoad, provider => provider.Name != "cuda" || CudaDriver.Devices().Count > 0);

    /// <summary>Whether it is inside this ONNX Runtime, or lies beside it as a library that can be registered.</summary>
    internal bool Has(ExecutionProvider provider) =>
        BuiltIn.Contains(provider.RuntimeName) || provider.Library is { } library && Beside(library.File) is not null;

    /// <summary>The libraries that <paramref name="provider"/> needs and that are not found.</summary>
    internal IReadOnlyList<RequiredLibrary> Missing(ExecutionProvider provider) =>
        [.. new[] { provider.Library }.OfType<RequiredLibrary>().Where(l => Beside(l.File) is null), .. provider.Needs.Where(l => !CanLoad(l.File))];

    /// <summary>Why <paramref name="provider"/> cannot be used and what to do, sentences; null when nothing is known against it.</summary>
    internal string? Problem(ExecutionProvider provider)
    {
        if (!Has(provider))
            return $"Execution provider '{provider.Name}' is not in this ONNX Runtime {OrtSession.Version}, which has {string.Join(", ", Names)}. {provider.Install}";
        var needs = Missing(provider) switch
        {
            [] => null,
            [var one] => $"{one.What}: {one.File} not found on the library path.",
            var several => $"{string.Join(", ", several.Select(l => $"{l.What} ({l.File})"))}: none of them is on the library path.",
        };
        return needs is not null ? $"The {provider.Name} provider needs {needs} {provider.InstallNeeds}".TrimEnd()
            : HasDevice(provider) ? null
            : $"The {provider.Name} provider has all its libraries, and its driver sees no device.";
    }

    /// <summary>The providers it has, usable or not.</summary>
    internal IEnumerable<string> Names => ExecutionProviders.Table.Values.Where(Has).Select(p => p.Name);

    static string? FindBeside(string file) =>
        ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Prepend(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <summary>What is found stays loaded: the provider is about to want it, and loading hundreds of megabytes twice takes long.</summary>
    static bool TryLoad(string file) => NativeLibrary.TryLoad(file, Assembly.GetExecutingAssembly(), null, out _);
}
