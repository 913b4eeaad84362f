using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>-log softmax(scores)[label], mean over the batch.</summary>
static class CrossEntropyLoss
{
    internal static string Build(GraphBuilder g, string scores, string oneHot)
    {
        var gold = g.ReduceSum(g.Mul(g.LogSoftmax(scores, axis: -1), oneHot), axes: [1], keepDims: false);
        return g.Neg(g.ReduceMean(gold, keepDims: false));
    }
}
