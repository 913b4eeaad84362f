using System.Numerics.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>H'[i] = H[i] + P[id of token i] before every layer (section 3.2 of the paper); only the rows of the batch are computed.</summary>
static class AheadOfTime
{
    /// <summary>Row v of (W_L x W_M) W_R is kron(W_L[v div b], W_M[v mod b]) W_R.</summary>
    internal static void HookKronecker(HookScope scope, AotKronOptions options)
    {
        var (g, width, r) = (scope.Graph, scope.Backbone.Hidden, options.Rank);
        var (ids, words) = (scope.Ids, Words(scope));
        var side = (long)Math.Ceiling(Math.Sqrt(words.Table.Tensor.Dims[0]));
        var high = g.Div(ids, g.Constant(side));
        var low = g.Node("Sub", [ids, g.Mul(high, g.Constant(side))]);
        foreach (var (name, layer) in scope.Layers(options.Layers))
        {
            var left = scope.Train($"{name}.aot.WL", Initial.Normal(1 / Math.Sqrt(r)), side, r);
            var middle = scope.Train($"{name}.aot.WM", Initial.Normal(1 / Math.Sqrt(r)), side, r);
            var right = scope.Train($"{name}.aot.WR", Initial.Zeros, r * r, width);
            scope.After(scope.Require(layer.Input, name), h =>
            {
                // kron(u, w)[k r + j] = u[k] w[j]: [rows, sequence, r, 1] x [rows, sequence, 1, r].
                var product = g.Mul(g.Unsqueeze(scope.Lookup(left, high), 3), g.Unsqueeze(scope.Lookup(middle, low), 2));
                var rows = g.MatMul(g.Reshape(product, 0, 0, r * r), right);
                return g.Add(h, scope.Dropout(rows, options.Dropout, Dropouts.Batch, Dropouts.Tokens, width));
            });
        }
    }

    internal static void HookNetwork(HookScope scope, AotFcOptions options)
    {
        var (g, width, r) = (scope.Graph, scope.Backbone.Hidden, options.Rank);
        var words = Words(scope);
        var (table, embedding) = (scope.Require(words.Output, "embeddings.words"), words.Table.Tensor.Dims[1]);
        foreach (var (name, layer) in scope.Layers(options.Layers))
        {
            var first = scope.Train($"{name}.aot.W1", Initial.Normal(0.02), embedding, r);
            var firstBias = scope.Train($"{name}.aot.b1", Initial.Zeros, r);
            var second = scope.Train($"{name}.aot.W2", Initial.Zeros, r, width);
            var secondBias = scope.Train($"{name}.aot.b2", Initial.Zeros, width);
            scope.After(scope.Require(layer.Input, name), h =>
            {
                var x = scope.Dropout(table, options.Dropout, Dropouts.Batch, Dropouts.Tokens, embedding);
                var inner = g.Gelu(g.Add(g.MatMul(x, first), firstBias));
                return g.Add(h, g.Add(g.MatMul(inner, second), secondBias));
            });
        }
    }

    /// <summary>T[id] = P[id] for the whole vocabulary: what is left at run time is one lookup and one sum a layer.</summary>
    internal static void Fuse(HookScope scope, int layers, Func<string, float[]> tableOf)
    {
        var g = scope.Graph;
        foreach (var (name, layer) in scope.Layers(layers))
        {
            var table = tableOf(name);
            var rows = g.Gather(g.Initializer(OnnxTensor.FromFloats($"{name}.aot.table", table, table.Length / scope.Backbone.Hidden, scope.Backbone.Hidden)), scope.Ids);
            scope.After(scope.Require(layer.Input, name), h => g.Add(h, rows));
        }
    }

    internal static float[] KroneckerTable(HookScope scope, string name, int rank)
    {
        var (vocabulary, width) = ((int)Words(scope).Table.Tensor.Dims[0], scope.Backbone.Hidden);
        var (left, middle, right) = (scope.Trained($"{name}.aot.WL"), scope.Trained($"{name}.aot.WM"), scope.Trained($"{name}.aot.WR"));
        var side = left.Length / rank;
        var table = new float[vocabulary * width];
        Parallel.For(0, vocabulary, id =>
        {
            var row = table.AsSpan(id * width, width);
            for (var k = 0; k < rank; k++)
            {
                for (var j = 0; j < rank; j++)
                    TensorPrimitives.MultiplyAdd(right.AsSpan((k * rank + j) * width, width), left[id / side * rank + k] * middle[id % side * rank + j], row, row);
            }
        });
        return table;
    }

    internal static float[] NetworkTable(HookScope scope, string name, int rank)
    {
        var (words, width) = (Words(scope).Table.Tensor, scope.Backbone.Hidden);
        var (first, firstBias) = (scope.Trained($"{name}.aot.W1"), scope.Trained($"{name}.aot.b1"));
        var (second, secondBias) = (scope.Trained($"{name}.aot.W2"), scope.Trained($"{name}.aot.b2"));
        var (vocabulary, embedding, rows) = ((int)words.Dims[0], (int)words.Dims[1], words.ToFloats());
        var table = new float[vocabulary * width];
        Parallel.For(0, vocabulary, id =>
        {
            var inner = (float[])firstBias.Clone();
            for (var i = 0; i < embedding; i++)
                TensorPrimitives.MultiplyAdd(first.AsSpan(i * rank, rank), rows[id * embedding + i], inner, inner);
            var row = table.AsSpan(id * width, width);
            secondBias.CopyTo(row);
            for (var k = 0; k < rank; k++)
                TensorPrimitives.MultiplyAdd(second.AsSpan(k * width, width), Gelu(inner[k]), row, row);
        });
        return table;
    }

    /// <summary>x (1 + erf(x / sqrt 2)) / 2.</summary>
    static float Gelu(float x) => (float)(0.5 * x * (1 + MathNet.Numerics.SpecialFunctions.Erf(x / Math.Sqrt(2))));

    static EmbeddingSite Words(HookScope scope) => scope.Require(scope.Anatomy.Entry.Words, "embeddings.words");
}
