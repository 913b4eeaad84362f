using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A folder with a model made of a backbone, and the backbone's tokenizer and configuration beside it.</summary>
static class ModelFolder
{
    const string ModelFile = "model.onnx";

    /// <summary>Files of a model folder that belong to any model made of it.</summary>
    static readonly string[] Companions =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json", "vocab.txt", "vocab.json", "merges.txt",
            "spiece.model", "spm.model", "sentencepiece.bpe.model", "tokenizer.model", PreprocessorConfig.FileName];

    /// <summary>Writes the files and names them, the model first.</summary>
    internal static List<string> Write(OnnxModel model, Backbone backbone, string folder)
    {
        var path = Path.Combine(folder, ModelFile);
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

    /// <exception cref="OrtPeftException">The backbone itself would be overwritten.</exception>
    internal static void RequireOther(string folder, Backbone backbone)
    {
        if (Path.GetFullPath(Path.Combine(folder, ModelFile)) == Path.GetFullPath(backbone.ModelPath))
            throw new OrtPeftException($"'{folder}' is the folder of the backbone itself; choose another one.");
    }
}
