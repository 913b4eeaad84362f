using System.Text.RegularExpressions;

namespace OrtPeft;

/// <summary>What ONNX Runtime says when a provider cannot start, in a sentence that names what is missing.</summary>
static partial class ProviderFailure
{
    internal static OrtPeftException Of(ExecutionProvider provider, Exception e) => new(Describe(provider, e.Message), e);

    internal static string Describe(ExecutionProvider provider, string message)
    {
        if (message.Contains("has been explicitly disabled", StringComparison.Ordinal))
            return $"The {provider.Name} provider cannot run the whole model: some of its operators would fall back to the processor. Use --provider cpu, or a form of the model without them.";
        if ((Linux().Match(message), Windows().Match(message)) is var (linux, windows) && (linux.Success || windows.Success))
        {
            var file = linux.Success ? linux.Groups[1].Value : windows.Groups[1].Value;
            var what = provider.Needs.FirstOrDefault(l => l.Linux == file || l.Windows.Equals(file, StringComparison.OrdinalIgnoreCase))?.What ?? "a library";
            return $"The {provider.Name} provider needs {what}: {file} not found on the library path. {provider.InstallNeeds}".TrimEnd();
        }
        return $"The {provider.Name} provider cannot start: {message.Split('\n')[0].Split(" with error: ")[^1].Trim()}";
    }

    [GeneratedRegex(@"([\w.+-]+\.so[.\d]*): cannot open shared object", RegexOptions.CultureInvariant)]
    private static partial Regex Linux();

    [GeneratedRegex("""depends on "([^"]+)" which is missing""", RegexOptions.CultureInvariant)]
    private static partial Regex Windows();
}
