namespace OrtPeft.Graphs;

/// <summary>What every graph must satisfy: known operator sets, one writer per tensor, nothing read that nobody writes, no cycles.</summary>
static class GraphChecker
{
    internal static void Check(OnnxModel model, string name)
    {
        if (!model.OpsetImports.TryGetValue("", out var opset))
        {
            if (model.Graph.Nodes.Exists(n => n.IsStandard))
                throw new OnnxException($"'{name}' is no valid ONNX model: it does not say which operator set it uses (opset_import).");
        }
        else if (opset is < OnnxModel.MinOpset or > OnnxModel.MaxOpset)
        {
            throw new OnnxException($"'{name}' uses operator set {opset}; understood are {OnnxModel.MinOpset} to {OnnxModel.MaxOpset}. "
                + (opset < OnnxModel.MinOpset
                    ? $"Export the model with opset {OnnxModel.MinOpset} or later." : $"Export the model with opset {OnnxModel.MaxOpset} or older."));
        }
        Check(model.Graph, [], name);
    }

    static void Check(OnnxGraph graph, HashSet<string> outer, string name)
    {
        var known = new HashSet<string>(outer);
        var own = new HashSet<string>();
        foreach (var input in graph.Inputs)
        {
            if (!own.Add(input.Name))
                throw Duplicate(name, input.Name, "is declared as input twice");
        }
        var initializers = new HashSet<string>();
        foreach (var initializer in graph.Initializers.Concat(graph.SparseInitializers.Select(s => s.Values)))
        {
            if (!initializers.Add(initializer.Name))
                throw Duplicate(name, initializer.Name, "is an initializer twice");
        }
        own.UnionWith(initializers);
        known.UnionWith(own);
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs.Where(o => o.Length > 0))
            {
                if (!own.Add(output))
                    throw Duplicate(name, output, $"is written by {node} and by an earlier node or input");
            }
        }
        TopologicalOrder.Sort(graph, known, name);
        foreach (var node in graph.Nodes)
        {
            foreach (var body in node.Bodies)
                Check(body, known, name);
            known.UnionWith(node.Outputs);
        }
        if (graph.Outputs.Find(o => !known.Contains(o.Name)) is { } missing)
            throw new OnnxException($"'{name}' is no valid ONNX model: nothing writes the graph output '{missing.Name}'.");
    }

    static OnnxException Duplicate(string name, string tensor, string problem) =>
        new($"'{name}' is no valid ONNX model: the tensor '{tensor}' {problem}; every name may be written once.");
}
