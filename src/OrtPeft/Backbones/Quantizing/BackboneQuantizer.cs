using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Writes a backbone again with dynamic int8 weights: another backbone, smaller and faster, with features of its own. What is trained on its
/// features belongs to it; adapters and caches of the one are refused by the other.
/// </summary>
public static class BackboneQuantizer
{
    const string ReportFile = "quantization.json";

    /// <summary>Files of a model folder that describe or belong to the old weights.</summary>
    static readonly HashSet<string> NotCopied = new(StringComparer.OrdinalIgnoreCase) { "manifest.json", "README.md", ReportFile };

    /// <summary>Writes the quantized backbone into <paramref name="folder"/>: model, tokenizer, configuration, licence, hashes.</summary>
    /// <param name="backbone">The backbone to read.</param>
    /// <param name="folder">A new or empty folder.</param>
    /// <param name="embeddings">Whether the tables of embeddings become int8 too, with a scale for each row.</param>
    /// <exception cref="OrtPeftException">The folder is not empty, or the model has no product by a constant weight.</exception>
    public static QuantizedBackbone Write(Backbone backbone, string folder, bool embeddings = false)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new OrtPeftException($"--out: '{folder}' is there already and not an empty folder. Choose another one.");
        var model = backbone.Model.Copy();
        var (matMuls, tables, left) = DynamicQuantization.Apply(model, embeddings);
        if (matMuls == 0)
            throw new OrtPeftException($"'{backbone.ModelPath}' has no MatMul of float32 by a constant weight; there is nothing to quantize. Is it quantized or fused already?");
        var path = Path.Combine(folder, "model.onnx");
        Directory.CreateDirectory(folder);
        model.Save(path);
        Copy(backbone, folder);
        var files = Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f), FileHash.OfFile);
        Json.Write(Path.Combine(folder, "manifest.json"), new BackboneManifest { Files = files });
        return new QuantizedBackbone(Backbone.Load(folder), matMuls, tables, left, Bytes(backbone.Model), Bytes(model));
    }

    /// <summary>Writes what was measured beside the model.</summary>
    public static void WriteReport(QuantizedBackbone quantized, QuantizationReport report)
    {
        ArgumentNullException.ThrowIfNull(quantized);
        Json.Write(Path.Combine(quantized.Backbone.Path, ReportFile), report);
    }

    static void Copy(Backbone backbone, string folder)
    {
        var source = Directory.Exists(backbone.Path) ? backbone.Path : Path.GetDirectoryName(Path.GetFullPath(backbone.ModelPath))!;
        var weights = backbone.Model.Graph.Initializers.Select(i => i.Data.Path).OfType<string>().Append(backbone.ModelPath).Select(Path.GetFullPath).ToHashSet();
        foreach (var file in Directory.EnumerateFiles(source).Where(f => !weights.Contains(Path.GetFullPath(f)) && !NotCopied.Contains(Path.GetFileName(f)) && !f.EndsWith(".onnx", StringComparison.Ordinal)))
            AtomicFile.Write(Path.Combine(folder, Path.GetFileName(file)), target =>
            {
                using var stream = File.OpenRead(file);
                stream.CopyTo(target);
            });
    }

    static long Bytes(OnnxModel model) => model.Graph.Initializers.Sum(i => i.ByteLength);
}

/// <summary>A backbone that was written with int8 weights.</summary>
/// <param name="Backbone">It, opened.</param>
/// <param name="MatMuls">Products replaced.</param>
/// <param name="Embeddings">Tables replaced.</param>
/// <param name="Left">Products by constant weights that stayed as they were, because they are of another form.</param>
/// <param name="BytesBefore">Bytes of all weights before.</param>
/// <param name="BytesAfter">Bytes of all weights now.</param>
public sealed record QuantizedBackbone(Backbone Backbone, int MatMuls, int Embeddings, int Left, long BytesBefore, long BytesAfter);
