using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>What a precompiled graph is for. It is used for exactly that, and for nothing else.</summary>
sealed record CompiledKey
{
    /// <summary>SHA-256 of the model.</summary>
    public required string Model { get; init; }

    public required string Site { get; init; }

    public required string Provider { get; init; }

    /// <summary>The device, or the processor with its instruction sets: graphs are laid out for it.</summary>
    public required string Device { get; init; }

    public required string OnnxRuntime { get; init; }

    public required string Precision { get; init; }

    internal static CompiledKey Of(FrozenGraph graph, ExecutionOptions execution, int device) => new()
    {
        Model = graph.Backbone.Sha256,
        Site = graph.Site.Name,
        Provider = execution.EffectiveProvider,
        Device = ProviderDevice.NameOf(execution.Chosen, device),
        OnnxRuntime = OrtSession.Version,
        Precision = execution.Precision,
    };

    /// <summary>Its files' name: the same for the same key.</summary>
    internal string Name => $"{Provider}-{FileHash.OfText(JsonSerializer.Serialize(this, Json.Compact))[..16]}";

    /// <summary>The first thing that is different there, in words; null when nothing is.</summary>
    internal string? DifferenceTo(CompiledKey there) => new (string What, string Here, string There)[]
    {
        ("model", Model, there.Model), ("site", Site, there.Site), ("provider", Provider, there.Provider), ("device", Device, there.Device),
        ("ONNX Runtime", OnnxRuntime, there.OnnxRuntime), ("precision", Precision, there.Precision),
    }.Where(f => f.Here != f.There).Select(f => $"it was made for {f.What} {f.There}, this is {f.Here}").FirstOrDefault();
}

/// <summary>
/// `PROVIDER-HASH.json` and the files it names: a frozen graph as ONNX Runtime optimised or compiled it for a device. Opening it skips that work. What does
/// not fit the model, device or runtime at hand, or has other bytes than when it was written, is left alone, and the user is told.
/// </summary>
sealed record CompiledGraph
{
    internal const string DefaultFolder = "compiled";

    public required CompiledKey Key { get; init; }

    /// <summary>The graph's file, then files that belong to it, with size and checksum.</summary>
    public required IReadOnlyList<CompiledFile> Files { get; init; }

    /// <summary>One of its files.</summary>
    internal sealed record CompiledFile(string Name, long Bytes, string Crc32c)
    {
        internal static CompiledFile Of(string folder, string name)
        {
            var path = Path.Combine(folder, name);
            return new CompiledFile(name, new FileInfo(path).Length, Crc32C.OfFile(path));
        }
    }

    /// <summary>Opens the one for <paramref name="graph"/>; null where there is none that can be used.</summary>
    internal static InferenceSession? Open(FrozenGraph graph, ExecutionOptions execution, int device, int intraOpThreads)
    {
        var folder = execution.Compiled ?? Path.Combine(Path.GetDirectoryName(graph.Backbone.ModelPath)!, DefaultFolder);
        if (!Directory.Exists(folder))
        {
            return execution.Compiled is null ? null
                : throw new OrtPeftException($"--compiled: folder '{folder}' does not exist. `ortpeft compile` writes one.");
        }
        var key = CompiledKey.Of(graph, execution, device);
        if (Problem(folder, key) is { } problem)
        {
            execution.Notices?.Report($"No precompiled graph of '{folder}' is used: {problem}. `ortpeft compile` makes one that fits.");
            return null;
        }
        using var options = OrtSession.Options(intraOpThreads, execution, device);
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL; // all is done
        return OrtSession.FromFile(Path.Combine(folder, Load(folder, key.Name).Files[0].Name), options, execution);
    }

    internal static CompiledGraph Load(string folder, string name) =>
        Json.Read<CompiledGraph>(Path.Combine(folder, name + ".json"), "Precompiled graph", "Delete it and run `ortpeft compile` again.");

    /// <summary>Why nothing in <paramref name="folder"/> may be used for <paramref name="key"/>; null when something may.</summary>
    static string? Problem(string folder, CompiledKey key)
    {
        try
        {
            if (!File.Exists(Path.Combine(folder, key.Name + ".json")))
            {
                // The nearest explains most: the one of the same model.
                var others = Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(f => Load(folder, Path.GetFileNameWithoutExtension(f)).Key);
                return others.OrderBy(k => k.Model == key.Model ? 0 : 1).ThenBy(k => k.Site == key.Site ? 0 : 1).Select(k => key.DifferenceTo(k)).FirstOrDefault() ?? "there is none";
            }
            var found = Load(folder, key.Name);
            return key.DifferenceTo(found.Key) ?? (found.Files.Count == 0 ? "it names no file" : found.Files.Select(file => Fault(folder, file)).FirstOrDefault(f => f is not null));
        }
        catch (OrtPeftException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    static string? Fault(string folder, CompiledFile file)
    {
        var path = Path.Combine(folder, file.Name);
        return Path.GetFileName(file.Name) != file.Name ? $"it names '{file.Name}', which is no file beside it"
            : !File.Exists(path) ? $"'{file.Name}' is missing"
            : CompiledFile.Of(folder, file.Name) != file ? $"'{file.Name}' is not the file that was written"
            : null;
    }
}
