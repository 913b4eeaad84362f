namespace OrtPeft.Graphs;

/// <summary>Who writes and who reads each tensor of a graph, at the moment the index was made.</summary>
public sealed class GraphIndex
{
    readonly Dictionary<string, OnnxNode> _producers = [];
    readonly Dictionary<string, List<GraphUse>> _consumers = [];
    readonly Dictionary<string, OnnxTensor> _initializers = [];

    /// <summary>Indexes <paramref name="graph"/>, the tensors that bodies of control flow take from it included.</summary>
    public GraphIndex(OnnxGraph graph)
    {
        foreach (var tensor in graph.Initializers)
            _initializers.TryAdd(tensor.Name, tensor);
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs.Where(o => o.Length > 0))
                _producers.TryAdd(output, node);
            for (var i = 0; i < node.Inputs.Count; i++)
                AddUse(node.Inputs[i], new GraphUse(node, i));
            foreach (var captured in GraphNames.Captured(node))
                AddUse(captured, new GraphUse(node, -1));
        }
    }

    /// <summary>The node that writes <paramref name="tensor"/>, or null for graph inputs, initializers and unknown names.</summary>
    public OnnxNode? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The places that read <paramref name="tensor"/>.</summary>
    public IReadOnlyList<GraphUse> Consumers(string tensor) => _consumers.GetValueOrDefault(tensor) ?? (IReadOnlyList<GraphUse>)[];

    /// <summary>The initializer of that name, or null.</summary>
    public OnnxTensor? Initializer(string tensor) => _initializers.GetValueOrDefault(tensor);

    /// <summary>The constant of that name: an initializer, or the value of a Constant node; null when it is neither.</summary>
    public OnnxTensor? Constant(string tensor) => Initializer(tensor) ?? (Producer(tensor) is { } node ? Constants.Of(node) : null);

    void AddUse(string tensor, GraphUse use)
    {
        if (tensor.Length == 0)
            return;
        if (!_consumers.TryGetValue(tensor, out var uses))
            _consumers.Add(tensor, uses = []);
        uses.Add(use);
    }
}

/// <summary>One reading of a tensor.</summary>
/// <param name="Node">The node that reads.</param>
/// <param name="Input">Which of its inputs; -1 when a graph inside the node reads it.</param>
public readonly record struct GraphUse(OnnxNode Node, int Input);
