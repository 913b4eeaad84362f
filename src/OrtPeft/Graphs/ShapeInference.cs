using OrtPeft.Graphs.Shapes;

namespace OrtPeft.Graphs;

/// <summary>
/// Finds type and shape of every tensor of a model. Dimensions may be names ("batch"); arithmetic on shapes (Shape, Gather, Concat, ...)
/// is followed, so that dynamic exports resolve as far as their inputs' names allow.
/// </summary>
public static class ShapeInference
{
    /// <summary>Infers all shapes of <paramref name="model"/>.</summary>
    /// <exception cref="OnnxException">Shapes or types contradict each other; names node, operator, inputs and shapes.</exception>
    public static ShapeMap Infer(OnnxModel model)
    {
        var map = new ShapeMap(model.Opset);
        foreach (var input in model.Graph.Inputs)
            map.Add(input.Name, input.ElementType, input.Shape);
        Infer(model.Graph, map);
        return map;
    }

    /// <summary>Infers the nodes of a graph whose inputs are already in the map.</summary>
    internal static void Infer(OnnxGraph graph, ShapeMap map)
    {
        foreach (var tensor in graph.Initializers)
            map.Add(tensor);
        foreach (var sparse in graph.SparseInitializers)
            map.Add(sparse.Values.Name, sparse.Values.ElementType, [.. sparse.Dims.Select(Dim.Of)]);
        var declared = new Dictionary<string, OnnxValueInfo>();
        foreach (var value in graph.ValueInfos.Concat(graph.Outputs))
            declared.TryAdd(value.Name, value);
        foreach (var node in graph.Nodes)
            Infer(node, map, declared);
    }

    /// <summary>Infers one node whose inputs are already in the map.</summary>
    internal static void Infer(OnnxNode node, ShapeMap map, IReadOnlyDictionary<string, OnnxValueInfo>? declared = null)
    {
        var context = new ShapeContext(node, map);
        if (ShapeRules.Table.TryGetValue(node.Key, out var rule))
            context.Run(rule);
        else
            map.AddUnresolved(node);
        foreach (var output in node.Outputs)
        {
            if (output.Length > 0 && declared?.GetValueOrDefault(output) is { } known)
                Refine(map, output, known);
        }
    }

    /// <summary>Takes from the file's declaration what could not be inferred.</summary>
    static void Refine(ShapeMap map, string name, OnnxValueInfo declared)
    {
        if (!map.TryGet(name, out var inferred))
        {
            if (declared.ElementType != OnnxType.Undefined)
                map.Add(name, declared.ElementType, declared.Shape);
            return;
        }
        if (declared.Shape is not { } shape || (inferred.Shape is { } known && known.Count != shape.Count))
            return;
        if (inferred.Shape is null)
            map.Add(name, inferred.ElementType, shape);
        else if (inferred.Shape.Where((d, i) => IsVague(d) && !shape[i].IsUnknown).Any())
            map.Add(name, inferred.ElementType, [.. inferred.Shape.Select((d, i) => IsVague(d) && !shape[i].IsUnknown ? shape[i] : d)]);
    }

    static bool IsVague(Dim dim) =>
        dim.Symbol is { } symbol && symbol.StartsWith("unk__", StringComparison.Ordinal) && !symbol.Contains(' ', StringComparison.Ordinal);
}
