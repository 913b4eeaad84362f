using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// A learned mix of the last K hidden states: gamma sum_j s_j h_j with s = softmax(w) (ELMo; Peters et al. 2018, equation 1). It starts as their
/// mean, w = 0 and gamma = 1.
/// </summary>
static class LayerMix
{
    const string Weight = "mix.weight", Scale = "mix.scale";

    /// <summary>What it trains: K + 1 values; nothing for a single hidden state.</summary>
    internal static IEnumerable<TrainedTensor> Tensors(int layers) =>
        layers == 1 ? [] : [TrainedTensor.Constant(Weight, 0, layers), TrainedTensor.Constant(Scale, 1, 1)];

    /// <summary>Mixes features whose last dimension holds the hidden states side by side: [.., K x width] to [.., width].</summary>
    internal static string Of(GraphBuilder g, string features, int layers, int width)
    {
        if (layers == 1)
            return features;
        var shares = g.Softmax(Weight, axis: 0);
        var axis = g.RankOf(features) - 1;
        var states = Enumerable.Range(0, layers).Select(j =>
            g.Mul(g.Slice(features, axis: axis, start: j * width, end: (j + 1) * width), g.Slice(shares, axis: 0, start: j, end: j + 1)));
        return g.Mul(states.Aggregate((sum, state) => g.Add(sum, state)), Scale);
    }
}
