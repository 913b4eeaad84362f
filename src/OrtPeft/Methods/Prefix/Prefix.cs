using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// softmax([q P_K^T, q K^T]) [P_V; V]: the scores of the prefix stand before those of the text, which stay as they are with their mask, so that
/// nothing else of the graph has to know that there are more keys than tokens. When all layers have a prefix the text takes the positions behind it,
/// as in peft; what is frozen in front of the last layers does not change.
/// </summary>
static class Prefix
{
    internal static void Hook(HookScope scope, PrefixOptions options)
    {
        var (g, count) = (scope.Graph, options.Tokens);
        if (options.Layers == 0)
            scope.ShiftPositions(count);
        var inner = options.Projection == 0 ? null : Inner(scope, options);
        foreach (var (name, layer) in scope.Layers(options.Layers))
        {
            var scores = scope.Require(layer.Attention?.Scores, $"{name}.{EncoderRoles.QueryKeyValue}");
            var (heads, width) = (layer.Heads ?? 0, layer.HeadWidth ?? 0);
            var (softmax, query) = (layer.Attention!.Node, scores.Input(0));
            if (heads == 0 || g.RankOf(query) != 4)
                throw new OrtPeftException($"prefix: the attention of {name} in '{scope.Backbone.Name}' is not laid out as [rows, heads, sequence, width]. Choose another method, such as {LoraOptions.Name}.");
            var key = Trained("key");
            var prefixScores = g.MatMul(query, Scaled(scope, g.SwapLastTwo(key), Scales(scope, layer, scores, softmax)));
            softmax.Inputs[0] = g.Concat(3, prefixScores, softmax.Input(0));
            var all = softmax.Output(0);
            scope.After(all, p => g.Slice(p, axis: 3, start: count, end: long.MaxValue));
            var value = Trained("value");
            scope.After(layer.Attention!.Context, c => g.Add(c, g.MatMul(g.Slice(all, axis: 3, start: 0, end: count), value)));

            // [heads, tokens, width].
            string Trained(string part) => inner is null
                ? scope.Train($"{name}.prefix.{part}", Initial.Normal(0.02), heads, count, width)
                : Projected(scope, $"{name}.prefix.{part}", inner, options, heads, width);
        }
    }

    /// <summary>tanh(E W_1 + b_1) with E [tokens, D], shared by all layers.</summary>
    static string Inner(HookScope scope, PrefixOptions options)
    {
        var (g, width) = (scope.Graph, scope.Backbone.Hidden);
        var tokens = scope.Train("prefix.tokens", Initial.Normal(0.02), options.Tokens, width);
        var first = scope.Train("prefix.W1", Initial.Uniform(1 / Math.Sqrt(width)), width, options.Projection);
        return g.Tanh(g.Add(g.MatMul(tokens, first), scope.Train("prefix.b1", Initial.Zeros, options.Projection)));
    }

    static string Projected(HookScope scope, string name, string inner, PrefixOptions options, int heads, int width)
    {
        var g = scope.Graph;
        var second = scope.Train($"{name}.W2", Initial.Uniform(1 / Math.Sqrt(options.Projection)), options.Projection, heads * width);
        var rows = g.Add(g.MatMul(inner, second), scope.Train($"{name}.b2", Initial.Zeros, heads * width));
        return g.Transpose(g.Reshape(rows, options.Tokens, heads, width), 1, 0, 2);
    }

    static string Scaled(HookScope scope, string key, IEnumerable<(string OpType, string Factor)> scales) =>
        scales.Aggregate(key, (k, scale) => scope.Graph.Node(scale.OpType, [k, scale.Factor]));

    /// <summary>The scalars by which the backbone multiplies or divides its keys before the product, and the scores behind it.</summary>
    static IEnumerable<(string OpType, string Factor)> Scales(HookScope scope, EncoderLayer layer, OnnxNode scores, OnnxNode softmax)
    {
        var index = new GraphIndex(scope.Graph.Model.Graph);
        var stop = scope.Require(layer.Key, "attention.k").Behind;
        for (var tensor = scores.Input(1); tensor != stop && index.Producer(tensor) is { } node; tensor = node.Input(Data(node)))
        {
            if (Scale(node) is { } scale)
                yield return scale;
        }
        for (var tensor = scores.Output(0); index.Consumers(tensor) is [{ Node: var node }] && node != softmax; tensor = node.Output(0))
        {
            if (Scale(node) is { } scale)
                yield return scale;
        }

        (string, string)? Scale(OnnxNode node) => node.OpType is "Mul" or "Div" && IsScalar(node.Input(1 - Data(node))) ? (node.OpType, node.Input(1 - Data(node))) : null;

        int Data(OnnxNode node) => node.OpType == "Mul" && IsScalar(node.Input(0)) ? 1 : 0;

        bool IsScalar(string tensor) => scope.Graph.ShapeOf(tensor).All(d => d.IsKnown && d.Value == 1);
    }
}
