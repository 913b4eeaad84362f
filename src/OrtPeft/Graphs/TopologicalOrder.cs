namespace OrtPeft.Graphs;

/// <summary>Puts nodes into an order in which every tensor is written before it is read.</summary>
static class TopologicalOrder
{
    /// <summary>Sorts the graph's nodes, leaving an order that is already right as it is.</summary>
    /// <param name="graph">The graph to sort.</param>
    /// <param name="known">Names that are there before the first node: inputs, initializers, outer tensors.</param>
    /// <param name="name">The model's name, for messages.</param>
    /// <exception cref="OnnxException">The graph has a cycle, or reads what nobody writes.</exception>
    internal static void Sort(OnnxGraph graph, IReadOnlySet<string> known, string name)
    {
        var needs = graph.Nodes.ToDictionary(n => n, Needs);
        var written = new HashSet<string>(known);
        if (graph.Nodes.TrueForAll(n => needs[n].TrueForAll(written.Contains) && Add(written, n)))
            return;
        var producers = new Dictionary<string, OnnxNode>();
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs)
                producers.TryAdd(output, node);
        }
        foreach (var node in graph.Nodes)
        {
            if (needs[node].Find(i => !known.Contains(i) && !producers.ContainsKey(i)) is { } missing)
            {
                throw new OnnxException(
                    $"'{name}' is no valid ONNX model: {node} reads '{missing}', which is no input, no initializer and no node's output.");
            }
        }
        var sorted = new List<OnnxNode>(graph.Nodes.Count);
        var waiting = new Dictionary<OnnxNode, int>();
        var readers = new Dictionary<OnnxNode, List<OnnxNode>>();
        var ready = new Queue<OnnxNode>();
        foreach (var node in graph.Nodes)
        {
            var writers = needs[node].Where(i => !known.Contains(i)).Select(i => producers[i]).Distinct().ToList();
            waiting[node] = writers.Count;
            if (writers.Count == 0)
                ready.Enqueue(node);
            foreach (var writer in writers)
            {
                if (!readers.TryGetValue(writer, out var list))
                    readers.Add(writer, list = []);
                list.Add(node);
            }
        }
        while (ready.TryDequeue(out var node))
        {
            sorted.Add(node);
            foreach (var reader in readers.GetValueOrDefault(node) ?? [])
            {
                if (--waiting[reader] == 0)
                    ready.Enqueue(reader);
            }
        }
        if (sorted.Count < graph.Nodes.Count)
        {
            var stuck = graph.Nodes.Where(n => waiting[n] > 0).Take(3);
            throw new OnnxException($"'{name}' is no valid ONNX model: its nodes wait for each other in a cycle ({string.Join(", ", stuck)}).");
        }
        graph.Nodes.Clear();
        graph.Nodes.AddRange(sorted);
    }

    static List<string> Needs(OnnxNode node) => [.. node.Inputs.Concat(GraphNames.Captured(node)).Where(n => n.Length > 0)];

    static bool Add(HashSet<string> written, OnnxNode node)
    {
        written.UnionWith(node.Outputs);
        return true;
    }
}
