using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Where the parts of a model lie, in the Hugging Face layout, and whether they are what a manifest says.</summary>
sealed class BackboneFolder
{
    const string ManifestFile = "manifest.json";

    readonly string? _tokenizer;
    readonly BackboneManifest? _manifest;

    BackboneFolder(string path, string modelPath, string? tokenizer)
    {
        Path = path;
        ModelPath = modelPath;
        _tokenizer = tokenizer;
        Folder = Directory.Exists(path) ? path : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        var manifest = System.IO.Path.Combine(Folder, ManifestFile);
        _manifest = File.Exists(manifest) ? Json.Read<BackboneManifest>(manifest, "Model manifest", "Restore it, or remove it if the model is meant to be another one.") : null;
    }

    internal string Path { get; }

    internal string Folder { get; }

    internal string ModelPath { get; }

    /// <summary>Whether there are hashes that the files must have.</summary>
    internal bool HasManifest => _manifest != null;

    internal string Name => Directory.Exists(Path)
        ? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)))
        : System.IO.Path.GetFileNameWithoutExtension(Path);

    internal static BackboneFolder Find(string path, string? tokenizer)
    {
        if (File.Exists(path))
            return new BackboneFolder(path, path, tokenizer);
        if (!Directory.Exists(path))
            throw new OrtPeftException($"Model '{path}' does not exist. Expected a model folder (model.onnx, tokenizer.json, config.json) or an .onnx file.");
        string[] candidates = ["model.onnx", System.IO.Path.Combine("onnx", "model.onnx")];
        var model = candidates.Select(c => System.IO.Path.Combine(path, c)).FirstOrDefault(File.Exists)
            ?? throw new OrtPeftException($"Model folder '{path}' has no model: expected {string.Join(" or ", candidates)}.");
        return new BackboneFolder(path, model, tokenizer);
    }

    /// <summary>The model's hash, its external data included; every file that the manifest names is compared with it.</summary>
    internal string Hash(OnnxModel model)
    {
        var hashes = model.Graph.Initializers.Where(i => i.Data.IsExternal).Select(i => i.Data.Path!).Distinct().Order(StringComparer.Ordinal).Prepend(ModelPath)
            .Select(file => (File: file, Hash: Check(file))).ToArray();
        return hashes.Length == 1
            ? hashes[0].Hash
            : FileHash.OfText(string.Join('\n', hashes.Select(h => $"{System.IO.Path.GetFileName(h.File)} {h.Hash}")));
    }

    internal Tokenizer? LoadTokenizer()
    {
        if (_tokenizer != null)
            return Tokenizer.Load(_tokenizer);
        if (!TokenizerFiles.IsIn(Folder))
            return null;
        var tokenizer = Tokenizer.Load(Folder);
        if (File.Exists(System.IO.Path.Combine(Folder, "tokenizer.json")))
            Compare("tokenizer.json", tokenizer.Sha256);
        return tokenizer;
    }

    /// <summary>Path of the image preparation, or null.</summary>
    internal string? PreparationPath()
    {
        var path = System.IO.Path.Combine(Folder, PreprocessorConfig.FileName);
        if (!File.Exists(path))
            return null;
        Check(path);
        return path;
    }

    internal BackboneConfig LoadConfig()
    {
        var path = System.IO.Path.Combine(Folder, "config.json");
        return File.Exists(path) ? Json.Read<BackboneConfig>(path, "Model configuration", "Restore it.") : new BackboneConfig();
    }

    string Check(string file)
    {
        var hash = FileHash.OfFile(file);
        Compare(System.IO.Path.GetRelativePath(Folder, file).Replace('\\', '/'), hash);
        return hash;
    }

    void Compare(string file, string hash)
    {
        if (_manifest?.Files.GetValueOrDefault(file) is { } expected && expected != hash)
        {
            throw new OrtPeftException($"'{System.IO.Path.Combine(Folder, file)}' is not the file that {ManifestFile} names: its SHA-256 is {hash[..12]}..., " +
                $"expected {expected[..Math.Min(12, expected.Length)]}.... Restore the file, or remove {ManifestFile} if the change is meant.");
        }
    }
}

/// <summary>`manifest.json` beside a shipped model: SHA-256 of its files by name.</summary>
sealed record BackboneManifest
{
    public required Dictionary<string, string> Files { get; init; }
}
