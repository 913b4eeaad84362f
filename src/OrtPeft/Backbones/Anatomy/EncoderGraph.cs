using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A graph as the recognisers see it: who writes and reads what, shapes, and the linear layers and norms that were found so far.</summary>
sealed class EncoderGraph
{
    readonly Dictionary<string, LinearSite> _linears = [];
    readonly Dictionary<string, NormSite> _norms = [];
    readonly ILookup<string, LinearSite> _linearsByInput;
    readonly ILookup<string, NormSite> _normsByInput;

    internal EncoderGraph(OnnxModel model, IEnumerable<string> data, string result)
    {
        Graph = model.Graph;
        Index = new GraphIndex(Graph);
        Shapes = ShapeInference.Infer(model);
        Flow = new DataFlow(Graph, data, result);
        foreach (var norm in NormRecogniser.Find(this))
            _norms.TryAdd(norm.Output, norm);
        var linears = Graph.Nodes.Select(n => LinearRecogniser.Find(this, n)).OfType<LinearSite>().ToArray();
        foreach (var linear in linears)
        {
            foreach (var tensor in new[] { linear.Product, linear.Output }.OfType<string>())
                _linears.TryAdd(tensor, linear);
        }
        _linearsByInput = linears.ToLookup(Source);
        _normsByInput = Norms.Where(n => n.Input is not null).ToLookup(n => Origin(n.Input!));
    }

    internal OnnxGraph Graph { get; }

    internal GraphIndex Index { get; }

    internal ShapeMap Shapes { get; }

    internal DataFlow Flow { get; }

    internal IEnumerable<NormSite> Norms => _norms.Values;

    /// <summary>The linear layer that writes a tensor, with or without its bias.</summary>
    internal LinearSite? LinearAt(string tensor) => _linears.GetValueOrDefault(tensor);

    /// <summary>The norm that writes a tensor.</summary>
    internal NormSite? NormAt(string tensor) => _norms.GetValueOrDefault(tensor);

    /// <summary>The norm that normalises a tensor or a copy of it.</summary>
    internal NormSite? NormOf(string tensor) => _normsByInput[Origin(tensor)].FirstOrDefault();

    /// <summary>What a linear layer reads, before the copies and the flattening to two dimensions that only it needs.</summary>
    internal string Source(LinearSite linear) =>
        Origin(linear.Input) is var input && Producer(input) is { OpType: "Reshape" } flat && ShapeOf(input) is { Count: 2 } ? Origin(flat.Input(0)) : input;

    /// <summary>The linear layers that read a tensor or a copy of it.</summary>
    internal IEnumerable<LinearSite> LinearsOf(string tensor) => _linearsByInput[Origin(tensor)];

    internal OnnxNode? Producer(string tensor) => Index.Producer(tensor);

    /// <summary>What a tensor is a copy of: conversions between floating-point types, Identity and Dropout are looked through.</summary>
    internal string Origin(string tensor)
    {
        while (Producer(tensor) is { } node && IsCopy(node))
            tensor = node.Input(0);
        return tensor;
    }

    /// <summary>The places that read a tensor or a copy of it.</summary>
    internal IEnumerable<GraphUse> Readers(string tensor) =>
        Search(tensor, t => Index.Consumers(t).Where(IsCopied).Select(u => u.Node.Output(0))).SelectMany(Index.Consumers).Where(u => !IsCopied(u));

    /// <summary>The constant that arrives at a node's input, through conversions, Identity and de-quantizing.</summary>
    internal ParameterSite? Parameter(OnnxNode node, int input) =>
        Constant(node.Input(input)) is { } tensor ? new ParameterSite(node, input, tensor) : null;

    internal OnnxTensor? Constant(string tensor)
    {
        while (Producer(tensor) is { OpType: "Cast" or "Identity" or "DequantizeLinear" } node)
            tensor = node.Input(0);
        return Index.Constant(tensor);
    }

    internal IReadOnlyList<Dim>? ShapeOf(string tensor) => Shapes.TryGet(tensor, out var info) ? info.Shape : null;

    /// <summary>What a tensor is computed from as far as it carries data, nearest first; not beyond the tensors that <paramref name="stop"/> names.</summary>
    internal IEnumerable<string> Upstream(string tensor, Func<string, bool> stop) =>
        Search(tensor, t => stop(t) || Producer(t) is not { } node ? [] : node.Inputs.Where(Flow.Carries));

    /// <summary>The first linear layers on the ways from a tensor to the outputs.</summary>
    internal IEnumerable<LinearSite> NextLinears(string tensor) =>
        Search(tensor, t => LinearsOf(t).Any() ? [] : Index.Consumers(t).SelectMany(u => u.Node.Outputs).Where(Flow.Carries)).SelectMany(LinearsOf);

    /// <summary>The last linear layers on the ways from the data to a tensor.</summary>
    internal IEnumerable<LinearSite> LastLinears(string tensor) =>
        Upstream(tensor, t => LinearAt(t) is not null || NormAt(t) is not null).Select(LinearAt).OfType<LinearSite>().Distinct();

    /// <summary>A tensor and what <paramref name="next"/> reaches from it, nearest first, each once.</summary>
    internal static IEnumerable<string> Search(string tensor, Func<string, IEnumerable<string>> next)
    {
        var seen = new HashSet<string> { tensor };
        var queue = new Queue<string>(seen);
        while (queue.TryDequeue(out var current))
        {
            yield return current;
            foreach (var neighbour in next(current).Where(seen.Add))
                queue.Enqueue(neighbour);
        }
    }

    bool IsCopied(GraphUse use) => use.Input == 0 && IsCopy(use.Node);

    bool IsCopy(OnnxNode node) => node.OpType is "Identity" or "Dropout" || (node.OpType == "Cast" && IsFloat(node.Input(0)) && IsFloat(node.Output(0)));

    bool IsFloat(string tensor) => Shapes.TryGet(tensor, out var info) && info.ElementType.IsFloat();
}
