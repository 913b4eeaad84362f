namespace OrtPeft;

/// <summary>A trained result: tensors, method, labels, and the hashes of what they belong to.</summary>
public sealed class Adapter
{
    internal const int CurrentFormat = 1;
    internal const string InfoFile = "adapter.json";
    internal const string TensorsFile = "adapter.safetensors";
    const string RunKey = "run";
    const string Remedy = "Restore the file, or train again.";

    internal Adapter(AdapterInfo info, IReadOnlyList<TrainedTensor> tensors, Finding? found = null)
    {
        Info = info;
        Tensors = tensors;
        Found = found;
    }

    /// <summary>What it is.</summary>
    public AdapterInfo Info { get; }

    /// <summary>The trained tensors.</summary>
    public IReadOnlyList<TrainedTensor> Tensors { get; }

    /// <summary>What was found out before they were trained; null for methods that are trained at once.</summary>
    internal Finding? Found { get; }

    /// <summary>The method with all its options and what was found out.</summary>
    /// <exception cref="OrtPeftException">The options are not the method's.</exception>
    internal MethodOptions Method => TuningMethods.FromJson(Info.Method, Info.Options.DeepClone()) with { Found = Found };

    /// <summary>Writes `adapter.json` and `adapter.safetensors` into <paramref name="folder"/>.</summary>
    /// <exception cref="OrtPeftException">The folder cannot be written.</exception>
    public void Save(string folder)
    {
        var writer = new SafetensorsWriter().Metadata("format", "ortpeft-adapter-1").Metadata(RunKey, Info.Run);
        foreach (var tensor in Tensors)
            writer.Add(tensor.Name, tensor.Values, [.. tensor.Shape]);
        Found?.Write(writer);
        writer.WithChecksum().Write(Path.Combine(folder, TensorsFile));
        var relative = Path.GetRelativePath(Path.GetFullPath(folder), Info.Backbone.Path).Replace('\\', '/');
        Json.Write(Path.Combine(folder, InfoFile), Info with { Backbone = Info.Backbone with { Path = relative } });
    }

    /// <summary>Reads an adapter.</summary>
    /// <exception cref="OrtPeftException">It is missing, damaged or of a newer format.</exception>
    public static Adapter Load(string folder)
    {
        var infoPath = Path.Combine(folder, InfoFile);
        if (!File.Exists(infoPath))
        {
            var unfinished = Directory.Exists(Checkpoint.FolderOf(folder)) ? " It holds an unfinished run; finish it with `train ... --resume`." : "";
            throw new OrtPeftException($"'{folder}' is not an adapter: it has no {InfoFile}.{unfinished}");
        }
        var info = Json.Read<AdapterInfo>(infoPath, "Adapter", Remedy);
        if (info.Format != CurrentFormat)
            throw new OrtPeftException($"Adapter '{folder}' has format {info.Format}; this version reads {CurrentFormat}. Use a newer OrtPeft.");
        var (found, tensors) = LoadTensors(folder, info.Run);
        return new Adapter(info, tensors, found);
    }

    static (Finding? Found, IReadOnlyList<TrainedTensor> Tensors) LoadTensors(string folder, string run)
    {
        try
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder, TensorsFile));
            file.VerifyChecksum();
            if (file.Metadata.GetValueOrDefault(RunKey) != run)
                throw new OrtPeftException($"{InfoFile} and {TensorsFile} in '{folder}' are of different runs: it was interrupted while one replaced the other.");
            return Finding.Read(file);
        }
        catch (OrtPeftException e)
        {
            throw new OrtPeftException($"{e.Message} {Remedy}", e);
        }
    }

    /// <summary>The run hash of the adapter in <paramref name="folder"/>; null when there is none.</summary>
    internal static string? RunOf(string folder)
    {
        var path = Path.Combine(folder, InfoFile);
        return File.Exists(path) ? Json.Read<AdapterInfo>(path, "Adapter", "Delete it, or choose another folder.").Run : null;
    }

    /// <summary>Opens the backbone the adapter belongs to: at <paramref name="path"/>, or where it was when the adapter was trained.</summary>
    /// <exception cref="OrtPeftException">It is not there, or it is another one.</exception>
    internal Backbone OpenBackbone(string folder, string? path)
    {
        var info = Info;
        var recorded = Path.GetFullPath(Path.Combine(folder, info.Backbone.Path));
        if (path is null && !Path.Exists(recorded))
            throw new OrtPeftException($"Adapter '{folder}' belongs to the backbone '{info.Backbone.Name}', which is no longer at '{recorded}'. Name its place with --model.");
        var backbone = Backbone.Load(path ?? recorded);
        if (backbone.Sha256 != info.Backbone.Sha256)
        {
            throw new OrtPeftException($"Adapter '{folder}' belongs to another backbone: '{info.Backbone.Name}' with SHA-256 {Short(info.Backbone.Sha256)}, " +
                $"but '{backbone.Path}' has {Short(backbone.Sha256)}. Use that backbone, or train again.");
        }
        if (backbone.InputPreparation is var here && here != info.Tokenizer)
        {
            throw new OrtPeftException(backbone.Images is null
                ? $"Adapter '{folder}' was trained with another tokenizer ({Short(info.Tokenizer)}) than '{backbone.Path}' has ({Short(here)}). Restore that tokenizer, or train again."
                : $"Adapter '{folder}' was trained on images prepared otherwise ({info.Tokenizer}) than '{backbone.Path}' says ({here}). Restore its {PreprocessorConfig.FileName}, or train again.");
        }
        if (info.MaxLength < 3 || info.MaxLength > backbone.MaxPositions)
            throw new OrtPeftException($"Adapter '{folder}': maxLength in {InfoFile} is {info.MaxLength}; the backbone takes 3 to {backbone.MaxPositions} tokens. {Remedy}");
        return backbone;

        static string Short(string hash) => hash.Length > 12 ? hash[..12] + "..." : hash;
    }
}
