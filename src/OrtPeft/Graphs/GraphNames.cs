namespace OrtPeft.Graphs;

/// <summary>Which names a graph and the graphs inside its nodes use.</summary>
static class GraphNames
{
    /// <summary>The outer tensors that graphs inside <paramref name="node"/> read.</summary>
    internal static IEnumerable<string> Captured(OnnxNode node) => node.Bodies.SelectMany(FreeNames).Distinct();

    /// <summary>Every name in the graph and below it, of tensors and of nodes, so that a new name can be chosen for either.</summary>
    internal static HashSet<string> All(OnnxGraph graph)
    {
        var names = new HashSet<string>();
        Collect(graph, names);
        return names;
    }

    static HashSet<string> FreeNames(OnnxGraph graph)
    {
        var free = new HashSet<string>();
        var own = new HashSet<string>(graph.Inputs.Select(i => i.Name).Concat(graph.Initializers.Select(t => t.Name))
            .Concat(graph.SparseInitializers.Select(s => s.Values.Name)));
        foreach (var node in graph.Nodes)
        {
            free.UnionWith(node.Inputs.Concat(Captured(node)).Where(n => n.Length > 0 && !own.Contains(n)));
            own.UnionWith(node.Outputs);
        }
        free.UnionWith(graph.Outputs.Select(o => o.Name).Where(n => !own.Contains(n)));
        return free;
    }

    static void Collect(OnnxGraph graph, HashSet<string> names)
    {
        names.UnionWith(graph.Inputs.Concat(graph.Outputs).Concat(graph.ValueInfos).Select(v => v.Name));
        names.UnionWith(graph.Initializers.Select(t => t.Name).Concat(graph.SparseInitializers.Select(s => s.Values.Name)));
        foreach (var node in graph.Nodes)
        {
            names.UnionWith(node.Inputs);
            names.UnionWith(node.Outputs);
            names.Add(node.Name);
            foreach (var body in node.Bodies)
                Collect(body, names);
        }
    }
}
