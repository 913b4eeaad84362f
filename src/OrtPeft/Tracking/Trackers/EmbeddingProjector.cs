using System.Globalization;

namespace OrtPeft;

/// <summary>
/// The files that TensorBoard's embedding projector reads: vectors, one line of metadata for each, and a text-format `ProjectorConfig` that
/// names both.
/// </summary>
static class EmbeddingProjector
{
    const int LongestText = 100;

    /// <summary>Writes <paramref name="features"/>, the mean features of the first examples, with label and beginning of the text of each.</summary>
    internal static void Write(string folder, IReadOnlyList<float[]> features, IReadOnlyList<Example> examples)
    {
        Directory.CreateDirectory(folder);
        using (var vectors = new StreamWriter(Path.Combine(folder, "features.tsv")))
        using (var metadata = new StreamWriter(Path.Combine(folder, "metadata.tsv")))
        {
            metadata.Write("label\ttext\n");
            for (var i = 0; i < features.Count; i++)
            {
                vectors.Write(string.Join('\t', features[i].Select(v => v.ToString("G6", CultureInfo.InvariantCulture))) + "\n");
                metadata.Write($"{OneLine(examples[i].Label ?? "")}\t{OneLine(examples[i].Shown)}\n");
            }
        }
        AtomicFile.WriteText(Path.Combine(folder, "projector_config.pbtxt"), """
            embeddings {
              tensor_name: "features"
              tensor_path: "features.tsv"
              metadata_path: "metadata.tsv"
            }

            """);
    }

    static string OneLine(string text)
    {
        var start = text.Length > LongestText ? text[..LongestText] : text;
        return string.Concat(start.Select(c => char.IsControl(c) ? ' ' : c));
    }
}
