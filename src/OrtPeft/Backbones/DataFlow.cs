using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Which nodes of a backbone carry the data: those whose values, not only their shapes, depend on token ids or pixels. Masks and positions that
/// follow from a text's length alone do not belong to it.
/// </summary>
sealed class DataFlow
{
    readonly HashSet<string> _tensors;

    /// <param name="backbone">The backbone.</param>
    internal DataFlow(Backbone backbone)
        : this(backbone.Model.Graph, backbone.InputNames.Where(i => backbone.RoleOf(i) != InputRole.Mask), backbone.LastHiddenState)
    {
    }

    /// <param name="graph">The graph.</param>
    /// <param name="data">The inputs that hold data: token ids, token types, or pixels; not the mask.</param>
    /// <param name="result">The last hidden state.</param>
    internal DataFlow(OnnxGraph graph, IEnumerable<string> data, string result)
    {
        Result = result;
        _tensors = [.. data];
        var flow = new List<OnnxNode>();
        foreach (var node in graph.Nodes)
        {
            // The shape of a text is its length, which a cache knows.
            if (node.OpType is "Shape" or "Size" || !Reads(node).Any(_tensors.Contains))
                continue;
            flow.Add(node);
            // The second output of this one is the number of tokens.
            _tensors.UnionWith(node.Outputs.Take(node.OpType == "EmbedLayerNormalization" ? 1 : int.MaxValue).Where(o => o.Length > 0));
        }
        var needed = new HashSet<string> { Result };
        foreach (var node in Enumerable.Reverse(flow))
        {
            if (node.Outputs.Exists(needed.Contains))
                needed.UnionWith(Reads(node));
        }
        Nodes = [.. flow.Where(n => n.Outputs.Exists(needed.Contains))];
    }

    /// <summary>The last hidden state.</summary>
    internal string Result { get; }

    /// <summary>Nodes between the data and the last hidden state, in the graph's order.</summary>
    internal IReadOnlyList<OnnxNode> Nodes { get; }

    /// <summary>Whether the values of a tensor depend on the data.</summary>
    internal bool Carries(string tensor) => _tensors.Contains(tensor);

    /// <summary>Everything a node reads, what its bodies read from outside included.</summary>
    internal static IEnumerable<string> Reads(OnnxNode node) => node.Inputs.Where(i => i.Length > 0).Concat(GraphNames.Captured(node));

    /// <summary>
    /// Tensors that everything passes: cut there, nothing else of the data crosses. Each with the place of its node in <see cref="Nodes"/>.
    /// </summary>
    internal IEnumerable<(string Tensor, int Place)> Bottlenecks()
    {
        var lastUse = new Dictionary<string, int>();
        for (var i = 0; i < Nodes.Count; i++)
        {
            foreach (var tensor in Reads(Nodes[i]))
                lastUse[tensor] = i;
        }
        lastUse[Result] = int.MaxValue;
        var reach = _tensors.Where(lastUse.ContainsKey).Except(Nodes.SelectMany(n => n.Outputs)).Select(t => lastUse[t]).DefaultIfEmpty(-1).Max();
        for (var i = 0; i < Nodes.Count; i++)
        {
            var outputs = Nodes[i].Outputs.Where(o => Carries(o) && lastUse.ContainsKey(o)).ToArray();
            if (reach <= i && outputs is [var only])
                yield return (only, i);
            foreach (var output in outputs)
                reach = Math.Max(reach, lastUse[output]);
        }
    }

    /// <summary>
    /// The tensors of the data that cross the cut at <paramref name="hook"/>: written by what the hook cannot influence, read by what it can.
    /// </summary>
    internal IReadOnlyList<string> Crossing(string hook)
    {
        var influenced = new HashSet<string>();
        var crossing = new List<string> { hook };
        foreach (var node in Nodes)
        {
            var reads = Reads(node).ToArray();
            if (!reads.Any(r => r == hook || influenced.Contains(r)))
                continue;
            influenced.UnionWith(node.Outputs);
            crossing.AddRange(reads.Where(r => Carries(r) && r != hook));
        }
        return [.. crossing.Distinct().Where(t => !influenced.Contains(t))];
    }
}
