using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The table of input embeddings, read row by row from the model's file.</summary>
sealed class TokenEmbeddings
{
    readonly OnnxTensor _table;

    TokenEmbeddings(OnnxTensor table) => _table = table;

    /// <summary>Found by structure: the table [vocabulary, width] that a Gather reads with the token ids, perhaps behind a Cast.</summary>
    internal static TokenEmbeddings? Find(OnnxModel model, string idsInput)
    {
        var index = new GraphIndex(model.Graph);
        foreach (var gather in model.Graph.Nodes.Where(n => n.OpType == "Gather" && BehindCasts(index, n.Inputs[1]) == idsInput))
        {
            if (index.Constant(BehindCasts(index, gather.Inputs[0])) is { Dims.Length: 2 } table && table.ElementType.IsFloat())
                return new TokenEmbeddings(table);
        }
        return null;
    }

    /// <summary>The embedding of a token: [width].</summary>
    internal float[] Row(int id) => _table.ReadRows(id, 1);

    static string BehindCasts(GraphIndex index, string tensor)
    {
        while (index.Producer(tensor) is { OpType: "Cast" or "Identity" } node)
            tensor = node.Inputs[0];
        return tensor;
    }
}
