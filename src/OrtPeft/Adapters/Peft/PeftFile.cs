namespace OrtPeft;

/// <summary>`adapter_model.safetensors` of peft: tensors by the path of their module, and which of them were read.</summary>
sealed class PeftFile : IDisposable
{
    internal const string Name = "adapter_model.safetensors";

    readonly SafetensorsFile _file;
    readonly HashSet<string> _unread;

    PeftFile(SafetensorsFile file) => (_file, _unread) = (file, [.. file.Tensors.Keys]);

    internal static PeftFile Open(string folder)
    {
        var path = System.IO.Path.Combine(folder, Name);
        if (!File.Exists(path) && File.Exists(System.IO.Path.Combine(folder, "adapter_model.bin")))
            throw new OrtPeftException($"'{folder}' holds its tensors as adapter_model.bin, a Python pickle that can run code. Save the adapter with safe_serialization=True.");
        return new PeftFile(SafetensorsFile.Open(path));
    }

    internal string Path => _file.Path;

    internal IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <summary>The tensor of a module, whatever lies before the module's path; null when there is none.</summary>
    internal SafetensorsEntry? Find(string path)
    {
        var found = _file.Tensors.Values.Where(t => $".{t.Name}".EndsWith($".{path}", StringComparison.Ordinal)).ToArray();
        return found.Length < 2 ? found.FirstOrDefault() : throw Refused($"'{found[0].Name}' and '{found[1].Name}' are both of the module '{path}'");
    }

    /// <summary>The values of a tensor that must have the given shape.</summary>
    internal float[] Read(SafetensorsEntry entry, params long[] shape)
    {
        if (!entry.Shape.SequenceEqual(shape))
            throw Refused($"tensor '{entry.Name}' is [{string.Join(", ", entry.Shape)}]; expected [{string.Join(", ", shape)}]");
        _unread.Remove(entry.Name);
        return _file.ReadSingles(entry.Name);
    }

    /// <summary>Fails when a tensor was not read.</summary>
    /// <param name="ofEncoder">Whether only tensors of the encoder matter.</param>
    internal void RequireAllRead(bool ofEncoder)
    {
        string[] tuned = [".lora_", ".ia3_", ".ln_tuning_layers.", PeftLayout.Embeddings];
        if (_unread.Order(StringComparer.Ordinal).FirstOrDefault(n => !ofEncoder || tuned.Any(t => n.Contains(t, StringComparison.Ordinal))) is { } left)
            throw Refused($"tensor '{left}' is of no module that this backbone has or that can be changed here");
    }

    internal OrtPeftException Refused(string why) => PeftConfig.Refused(Path, why);

    public void Dispose() => _file.Dispose();
}
