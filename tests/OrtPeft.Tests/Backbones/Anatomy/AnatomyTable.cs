namespace OrtPeft.Tests;

/// <summary>The sites that were found, under the names of the truth.</summary>
static class AnatomyTable
{
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

    internal static Dictionary<string, EncoderSite> Found(EncoderAnatomy anatomy)
    {
        var found = anatomy.Sites.Where(s => s.Role != "hidden").ToDictionary(s => Names.GetValueOrDefault(s.Name, s.Name));
        foreach (var (tensor, i) in anatomy.HiddenStates.Select((t, i) => (t, i)))
            found.Add($"hidden_{i}", new EncoderSite($"hidden_{i}", "hidden", i, tensor));
        return found;
    }
}
