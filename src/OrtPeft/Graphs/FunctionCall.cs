namespace OrtPeft.Graphs;

/// <summary>One call of a function: copies the function's nodes with the call's tensors and attributes in place of the function's.</summary>
sealed class FunctionCall(OnnxNode call, OnnxFunction function, Dictionary<string, string> renamed, Func<string, string> newName)
{
    internal OnnxNode Copy(OnnxNode node)
    {
        var copy = new OnnxNode(
            node.OpType, node.Inputs.Select(Name), node.Outputs.Select(Name),
            call.Name.Length > 0 ? $"{call.Name}/{node.Name}" : node.Name, node.Domain)
        {
            Overload = node.Overload,
            Rest = node.Rest,
        };
        copy.Attributes.AddRange(node.Attributes.Select(Attribute).OfType<OnnxAttribute>());
        return copy;
    }

    /// <summary>The attribute with its reference resolved; null when the call leaves an attribute without default out.</summary>
    OnnxAttribute? Attribute(OnnxAttribute attribute)
    {
        if (attribute.Reference is { } reference)
            return (call.Attribute(reference) ?? function.Defaults.Find(a => a.Name == reference))?.Renamed(attribute.Name);
        if (attribute.Graph is { } graph)
            return new OnnxAttribute(attribute.Name, Copy(graph));
        return attribute.Graphs is { } graphs ? new OnnxAttribute(attribute.Name) { Graphs = [.. graphs.Select(Copy)] } : attribute;
    }

    OnnxGraph Copy(OnnxGraph graph)
    {
        var copy = new OnnxGraph { Name = graph.Name, Rest = graph.Rest };
        copy.Inputs.AddRange(graph.Inputs.Select(Rename));
        copy.Initializers.AddRange(graph.Initializers.Select(t => t.WithName(Name(t.Name))));
        copy.Nodes.AddRange(graph.Nodes.Select(Copy));
        copy.Outputs.AddRange(graph.Outputs.Select(Rename));
        return copy;
    }

    internal OnnxValueInfo Rename(OnnxValueInfo value) => value.WithName(Name(value.Name));

    string Name(string name)
    {
        if (!renamed.TryGetValue(name, out var inner))
            renamed.Add(name, inner = newName(name));
        return inner;
    }
}
