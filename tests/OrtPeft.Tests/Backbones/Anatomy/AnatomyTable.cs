using System.Globalization;
using System.Text;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>
/// The sites that were found, under the names of the truth, and the table of them in src/OrtPeft/Backbones/README.md. Written by a test run
/// with ORTPEFT_WRITE_TABLES=1; every other run checks it.
/// </summary>
sealed class AnatomyTable
{
    const string Heading = "| backbone and export | layers | sites found / expected | tensors found / expected | hidden by |";

    static readonly Dictionary<string, string> Names = new()
    {
        ["embeddings.word"] = "word_embedding_output",
        ["embeddings.position"] = "position",
        ["embeddings.token-type"] = "token_type",
        ["embeddings.patch"] = "patch_embedding_output",
        ["embeddings.class-token"] = "cls",
        ["embeddings.norm"] = "embedding_norm",
        ["embeddings.projection"] = "embedding_projection",
        ["embeddings.relative-norm"] = "relative_norm",
        ["final-norm"] = "final_norm",
        ["pooler"] = "pooler_dense",
    };

    static string ReadMe => Path.Combine(FixtureFiles.Folder, "..", "..", "..", "src", "OrtPeft", "Backbones", "README.md");

    internal static Dictionary<string, EncoderSite> Found(EncoderAnatomy anatomy)
    {
        var found = anatomy.Sites.Where(s => s.Role != "hidden").ToDictionary(s => Names.GetValueOrDefault(s.Name, s.Name));
        foreach (var (tensor, i) in anatomy.HiddenStates.Select((t, i) => (t, i)))
            found.Add($"hidden_{i}", new EncoderSite($"hidden_{i}", "hidden", i, tensor));
        return found;
    }

    [Test]
    public void The_table_in_the_readme_is_true()
    {
        var text = File.ReadAllText(ReadMe);
        if (Environment.GetEnvironmentVariable("ORTPEFT_WRITE_TABLES") is not null)
        {
            var start = text.IndexOf(Heading, StringComparison.Ordinal);
            File.WriteAllText(ReadMe, text = (start < 0 ? text : text[..start]) + Table());
        }
        Assert.That(text, Does.EndWith(Table()));
    }

    static string Table()
    {
        var table = new StringBuilder(Heading + "\n| --- | --- | --- | --- | --- |\n");
        foreach (var export in SiteTruth.Exports)
        {
            var (truth, anatomy) = (SiteTruth.Of(export), EncoderAnatomy.Find(SiteTruth.Model(export))!);
            var found = Found(anatomy);
            var sites = truth.Sites.Keys.Count(found.ContainsKey);
            var tensors = truth.Sites.Count(s => s.Value.Tensor is { } tensor && found.GetValueOrDefault(s.Key)?.Tensor == tensor);
            var hidden = found.Values.Where(s => s is { Tensor: null, Reason: not null, Linear: not null } or { Tensor: null, Embedding.Output: null, Embedding.Table: not null } && s.Reason is not null)
                .GroupBy(s => s.Linear?.FusedInto ?? s.Embedding!.Table.Node.OpType).Select(g => $"{g.Key} {g.Count()}");
            table.Append(CultureInfo.InvariantCulture, $"| {export} | {anatomy.Layers.Count} of {truth.Layers} | {sites} / {truth.Sites.Count} | {tensors} / {truth.Sites.Values.Count(s => s.Tensor is not null)} | {string.Join(", ", hidden)} |\n");
        }
        return table.ToString();
    }
}
