namespace OrtPeft.Graphs;

/// <summary>Small changes to a graph. Each says how often it applied, or why it did not; none leaves the graph half changed.</summary>
public static class GraphEdits
{
    /// <summary>Lets one input of one node read another tensor.</summary>
    public static EditResult ReplaceInput(OnnxNode node, int input, string tensor)
    {
        if (input < 0 || input >= node.Inputs.Count)
            return new EditResult(0, $"{node} has {node.Inputs.Count} inputs, there is no input {input}.");
        if (node.Inputs[input] == tensor)
            return new EditResult(0, $"{node} reads '{tensor}' there already.");
        node.Inputs[input] = tensor;
        return new EditResult(1, $"{node} reads '{tensor}' as input {input}.");
    }

    /// <summary>
    /// Inserts operators behind a tensor: every reader, and the graph output of that name, gets the result of <paramref name="build"/> instead.
    /// A graph output keeps its name.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tensor">The tensor, written by a node or a graph input.</param>
    /// <param name="build">Gets a builder and the tensor; returns what takes its place.</param>
    public static EditResult InsertAfter(OnnxModel model, string tensor, Func<GraphBuilder, string, string> build)
    {
        var graph = model.Graph;
        var readers = new GraphIndex(graph).Consumers(tensor);
        var isOutput = graph.Outputs.Exists(o => o.Name == tensor);
        if (readers.Count == 0 && !isOutput)
            return new EditResult(0, $"Nothing reads '{tensor}'.");
        if (readers.Any(r => r.Input < 0))
            return new EditResult(0, $"A graph inside {readers.First(r => r.Input < 0).Node} reads '{tensor}'; insert it there.");
        if (isOutput && graph.Nodes.Find(n => n.Outputs.Contains(tensor)) is null)
            return new EditResult(0, $"'{tensor}' is input and output of the graph at once.");
        var builder = GraphBuilder.Edit(model);
        var count = graph.Nodes.Count;
        var result = build(builder, tensor);
        foreach (var reader in readers)
            reader.Node.Inputs[reader.Input] = result;
        if (isOutput)
            SwapNames(graph, tensor, result, builder.NewName(tensor));
        TopologicalOrder.Sort(graph, Known(graph), graph.Name);
        return new EditResult(readers.Count + (isOutput ? 1 : 0),
            $"{graph.Nodes.Count - count} nodes were inserted after '{tensor}', for {readers.Count} readers.");
    }

    /// <summary>Makes a constant a graph input, so that it can be fed; its value is left out of the model.</summary>
    public static EditResult PromoteToInput(OnnxModel model, string constant)
    {
        var graph = model.Graph;
        var tensor = new GraphIndex(graph).Constant(constant);
        if (tensor is null)
            return new EditResult(0, $"'{constant}' is neither an initializer nor a Constant node's output.");
        graph.Initializers.RemoveAll(t => t.Name == constant);
        graph.Nodes.RemoveAll(n => n.OpType == "Constant" && n.Output(0) == constant);
        if (!graph.Inputs.Exists(i => i.Name == constant))
            graph.Inputs.Add(new OnnxValueInfo(constant, tensor.ElementType, [.. tensor.Dims.Select(Dim.Of)]));
        return new EditResult(1, $"'{constant}' {tensor} is a graph input.");
    }

    /// <summary>Renames a tensor everywhere, also in bodies of control flow; refused when the new name is taken.</summary>
    public static EditResult Rename(OnnxModel model, string tensor, string name)
    {
        var taken = GraphNames.All(model.Graph);
        if (!taken.Contains(tensor))
            return new EditResult(0, $"There is no tensor '{tensor}'.");
        if (name.Length == 0 || taken.Contains(name))
            return new EditResult(0, $"The name '{name}' is taken.");
        return new EditResult(Rename(model.Graph, tensor, name), $"'{tensor}' is now '{name}'.");
    }

    /// <summary>Removes nodes and constants that no output depends on. Inputs stay.</summary>
    public static EditResult RemoveDead(OnnxModel model)
    {
        var graph = model.Graph;
        var live = graph.Outputs.Select(o => o.Name).ToHashSet();
        var kept = new List<OnnxNode>();
        foreach (var node in Enumerable.Reverse(graph.Nodes))
        {
            if (!node.Outputs.Exists(live.Contains))
                continue;
            live.UnionWith(node.Inputs.Concat(GraphNames.Captured(node)));
            kept.Add(node);
        }
        kept.Reverse();
        var nodes = graph.Nodes.Count - kept.Count;
        graph.Nodes.Clear();
        graph.Nodes.AddRange(kept);
        var constants = graph.Initializers.RemoveAll(t => !live.Contains(t.Name))
            + graph.SparseInitializers.RemoveAll(s => !live.Contains(s.Values.Name));
        graph.ValueInfos.RemoveAll(v => !live.Contains(v.Name));
        return new EditResult(nodes + constants, $"{nodes} nodes and {constants} constants were removed.");
    }

    /// <summary>Puts the nodes into an order in which every tensor is written before it is read.</summary>
    /// <exception cref="OnnxException">The graph has a cycle, or reads what nobody writes.</exception>
    public static void Sort(OnnxModel model) => TopologicalOrder.Sort(model.Graph, Known(model.Graph), model.Graph.Name);

    static HashSet<string> Known(OnnxGraph graph) =>
        [.. graph.Inputs.Select(i => i.Name), .. graph.Initializers.Select(t => t.Name), .. graph.SparseInitializers.Select(s => s.Values.Name)];

    /// <summary>The result takes the output's name, the tensor it was made from another one.</summary>
    static void SwapNames(OnnxGraph graph, string output, string result, string other)
    {
        Rename(graph, output, other);
        Rename(graph, result, output);
        for (var i = 0; i < graph.Outputs.Count; i++)
            graph.Outputs[i] = graph.Outputs[i].Name == other ? graph.Outputs[i].WithName(output) : graph.Outputs[i];
    }

    static int Rename(OnnxGraph graph, string from, string to)
    {
        var count = 0;
        foreach (var node in graph.Nodes)
        {
            count += Rename(node.Inputs, from, to) + Rename(node.Outputs, from, to);
            count += node.Bodies.Sum(body => Rename(body, from, to));
        }
        foreach (var values in (List<OnnxValueInfo>[])[graph.Inputs, graph.Outputs, graph.ValueInfos])
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i].Name == from)
                {
                    values[i] = values[i].WithName(to);
                    count++;
                }
            }
        }
        for (var i = 0; i < graph.Initializers.Count; i++)
        {
            if (graph.Initializers[i].Name == from)
            {
                graph.Initializers[i] = graph.Initializers[i].WithName(to);
                count++;
            }
        }
        return count;
    }

    static int Rename(List<string> names, string from, string to)
    {
        var count = 0;
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == from)
            {
                names[i] = to;
                count++;
            }
        }
        return count;
    }
}
