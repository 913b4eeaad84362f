using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Writes encoders of two layers, width 8 and two heads, whose parts are given by a test: structures of families that have no fixture.</summary>
sealed class SyntheticEncoder(int opset = 17)
{
    internal const int Width = 8, Heads = 2;

    internal GraphBuilder G { get; } = new(opset);

    /// <summary>Word embeddings and two layers; the last hidden state is what the second one gives.</summary>
    internal EncoderAnatomy Build(Func<string, string> layer)
    {
        var ids = G.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        var hidden = G.Gather(Weight("words", 10, Width), ids);
        for (var i = 0; i < 2; i++)
            hidden = layer(hidden);
        G.Output(hidden, "last_hidden_state");
        return EncoderAnatomy.Find(G.Build())!;
    }

    internal string Weight(string name, params long[] dims) =>
        G.Initializer(OnnxTensor.FromFloats(G.NewName(name) + "_", [.. Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(i => i / 10f)], dims));

    internal string Linear(string x, int width = Width, bool bias = true, string name = "linear")
    {
        var product = G.MatMul(x, Weight(name, G.ShapeOf(x)[^1].Value, width));
        return bias ? G.Add(Weight(name + "_bias", width), product) : product;
    }

    internal string Norm(string x) => G.LayerNormalization(x, Weight("scale", Width), Weight("shift", Width));

    /// <summary>[batch, sequence, width] as [batch, heads, sequence, width of a head].</summary>
    internal string Split(string x) => G.Transpose(G.Reshape(x, 0, 0, Heads, Width / Heads), 0, 2, 1, 3);

    internal string Merge(string x) => G.Reshape(G.Transpose(x, 0, 2, 1, 3), 0, 0, Width);

    /// <summary>Attention over heads: softmax(q k' / 2) v.</summary>
    internal string Attend(string q, string k, string v) => Merge(G.MatMul(G.Softmax(G.Mul(G.MatMul(q, G.SwapLastTwo(k)), 0.5)), v));

    internal string SelfAttention(string x) => Linear(Attend(Split(Linear(x, name: "query")), Split(Linear(x, name: "key")), Split(Linear(x, name: "value"))), name: "output");

    internal string FeedForward(string x) => Linear(G.Relu(Linear(x, 16, name: "in")), name: "out");
}
