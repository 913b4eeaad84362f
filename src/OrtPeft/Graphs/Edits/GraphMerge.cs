namespace OrtPeft.Graphs;

/// <summary>Joins two models into one graph.</summary>
public static class GraphMerge
{
    /// <summary>
    /// Appends <paramref name="second"/> to <paramref name="first"/>, which is changed. Inputs of the second that are connected read tensors
    /// of the first; the others become inputs of the whole. Names of the second that are taken get a number.
    /// </summary>
    /// <param name="first">The model that comes first; keeps all its names.</param>
    /// <param name="second">The model that is appended; is not changed.</param>
    /// <param name="connections">For inputs of the second the tensors of the first they read.</param>
    /// <returns>The new names of the second's tensors and nodes.</returns>
    /// <exception cref="OnnxException">The operator sets differ, or a connection names a tensor that does not exist.</exception>
    public static IReadOnlyDictionary<string, string> Append(OnnxModel first, OnnxModel second, IReadOnlyDictionary<string, string> connections)
    {
        foreach (var (domain, version) in second.OpsetImports)
        {
            if (first.OpsetImports.TryGetValue(domain, out var own) && own != version && Uses(second.Graph, domain))
            {
                throw new OnnxException($"The models use different operator sets ({(domain.Length > 0 ? domain : "ai.onnx")} {own} and {version}); "
                    + "build or export both with the same one.");
            }
        }
        var taken = GraphNames.All(first.Graph);
        foreach (var (input, tensor) in connections)
        {
            if (!taken.Contains(tensor) || !second.Graph.Inputs.Exists(i => i.Name == input))
                throw new OnnxException($"Cannot connect '{tensor}' to '{input}': the first model needs the tensor, the second the input.");
        }
        var names = new Dictionary<string, string>(connections) { [""] = "" };
        foreach (var name in GraphNames.All(second.Graph).Where(n => !names.ContainsKey(n)))
            names.Add(name, Free(taken, name));

        foreach (var (domain, version) in second.OpsetImports)
            first.OpsetImports.TryAdd(domain, version);
        first.IrVersion = Math.Max(first.IrVersion, second.IrVersion);
        Copy(second.Graph, first.Graph, names, connections);
        names.Remove("");
        return names;
    }

    static void Copy(OnnxGraph from, OnnxGraph to, Dictionary<string, string> names, IReadOnlyDictionary<string, string> connections)
    {
        var renamer = new FunctionCall(new OnnxNode("", [], []), new OnnxFunction(), names, n => n);
        foreach (var node in from.Nodes.Select(renamer.Copy))
        {
            node.Name = names[node.Name];
            to.Nodes.Add(node);
        }
        to.Initializers.AddRange(from.Initializers.Where(t => !connections.ContainsKey(t.Name)).Select(t => t.WithName(names[t.Name])));
        to.Inputs.AddRange(from.Inputs.Where(i => !connections.ContainsKey(i.Name)).Select(renamer.Rename));
        to.Outputs.AddRange(from.Outputs.Select(renamer.Rename));
        to.ValueInfos.AddRange(from.ValueInfos.Select(renamer.Rename));
    }

    static bool Uses(OnnxGraph graph, string domain) =>
        graph.Nodes.Exists(n => (n.IsStandard ? "" : n.Domain) == domain || n.Bodies.Any(b => Uses(b, domain)));

    static string Free(HashSet<string> taken, string name)
    {
        var free = name;
        for (var i = 2; !taken.Add(free); i++)
            free = $"{name}_{i}";
        return free;
    }
}
