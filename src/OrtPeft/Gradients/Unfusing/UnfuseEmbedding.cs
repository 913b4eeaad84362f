using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>com.microsoft.EmbedLayerNormalization: word, position and segment embeddings summed and normalised.</summary>
static class UnfuseEmbedding
{
    internal static string?[] Build(UnfuseScope s)
    {
        var ids = s.Input(0);
        var positions = s.HasInput(8) ? s.Input(8) : s.Range(s.Constant(0L), s.Squeeze(s.DimOf(ids, 1), 0));
        var sum = s.Add(s.Gather(s.Input(2), ids), s.Gather(s.Input(3), positions));
        if (s.HasInput(4))
            sum = s.Add(sum, s.Gather(s.Input(4), s.Input(1)));
        var normal = s.LayerNormalization(sum, s.Input(5), s.Input(6), s.Attribute("epsilon", 1e-12f));
        var lengths = s.HasInput(7) ? s.ReduceSum(s.Cast(s.Input(7), OnnxType.Int32), [1], keepDims: false) : null;
        return [normal, lengths, sum];
    }
}
