using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Writes a model made of a backbone as a folder that can be used like the backbone's: tokenizer and configuration go with it.</summary>
static class ModelFolder
{
    const string ModelFile = "model.onnx";

    /// <summary>Files of a model folder that belong to any model made of it.</summary>
    static readonly string[] Companions =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json", "vocab.txt", "vocab.json", "merges.txt",
            "spiece.model", "spm.model", "sentencepiece.bpe.model", "tokenizer.model"];

    /// <summary>Writes the model; returns the files, the model's first.</summary>
    internal static IReadOnlyList<string> Write(OnnxModel model, Backbone backbone, string folder)
    {
        var path = Path.Combine(folder, ModelFile);
        if (Path.GetFullPath(path) == Path.GetFullPath(backbone.ModelPath))
            throw new OrtPeftException($"'{folder}' is the folder of the backbone itself; choose another one.");
        Directory.CreateDirectory(folder);
        model.Save(path);
        var files = new List<string> { path };
        if (File.Exists(path + ".data"))
            files.Add(path + ".data");
        var source = Directory.Exists(backbone.Path) ? backbone.Path : Path.GetDirectoryName(Path.GetFullPath(backbone.Path))!;
        foreach (var name in Companions.Where(name => File.Exists(Path.Combine(source, name))))
        {
            using var file = File.OpenRead(Path.Combine(source, name));
            AtomicFile.Write(Path.Combine(folder, name), file.CopyTo);
            files.Add(Path.Combine(folder, name));
        }
        return files;
    }
}
