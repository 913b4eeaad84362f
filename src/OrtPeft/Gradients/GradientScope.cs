using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// What a gradient rule sees: its node's inputs, outputs and upstream gradients, the operators to write with, and where to put results.
/// </summary>
sealed class GradientScope(GraphBuilder graph, GradientPath path) : NodeScope(graph)
{
    readonly GraphBuilder _graph = graph;
    readonly Dictionary<string, List<string>> _gradients = [];
    readonly HashSet<string> _ones = [];
    readonly Dictionary<string, string> _casts = [];

    /// <summary>An output of the node that is needed by its gradient, added to the node if nobody wanted it so far.</summary>
    internal string ExtraOutput(int index) => _graph.ExtraOutput(Current, index);

    /// <summary>Whether anything trained depends on this input. Gradients of other inputs are not written.</summary>
    internal bool NeedsGradient(int input) => HasInput(input) && path.Contains(Input(input));

    internal bool HasOutputGradient(int index) => _gradients.ContainsKey(Output(index));

    /// <summary>The upstream gradient of an output, summed over all its uses.</summary>
    internal string OutputGradient(int index) => Summed(Output(index)) ?? Zero(Output(index));

    /// <summary>Hands back the gradient of an input. It may have a broadcast shape; the driver sums it to the input's shape.</summary>
    internal void InputGradient(int input, string gradient)
    {
        if (NeedsGradient(input))
            Contribute(Input(input), Broadcasts.Undo(this, gradient, Input(input)));
    }

    internal void Start(string loss)
    {
        var one = Constant(Constants.Of("", TypeOf(loss), [1], [.. ShapeOf(loss).Select(_ => 1L)]));
        _ones.Add(one);
        _gradients[loss] = [one];
    }

    internal void Visit(OnnxNode node, Action<GradientScope> rule)
    {
        Current = node;
        if (node.Outputs.Exists(o => _gradients.ContainsKey(o)))
            rule(this);
    }

    /// <summary>The finished gradient of a tensor, zeros if the loss does not depend on it.</summary>
    internal string GradientOf(string tensor) => Summed(tensor) ?? Zero(tensor);

    /// <inheritdoc/>
    public override string[] Nodes(string opType, int outputs, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes)
    {
        // The gradient of the loss with respect to itself is 1; multiplying by it is not written.
        if (opType == "Mul" && inputs.FirstOrDefault(i => _ones.Contains(i) && RankOf(i) == 0) is { } one)
            return [inputs[0] == one ? inputs[1] : inputs[0]];
        if (opType != "Cast")
            return base.Nodes(opType, outputs, inputs, attributes);
        // A gradient that was rounded on its way is taken from before the rounding.
        if (_casts.TryGetValue(inputs[0], out var source) && (long)TypeOf(source) == attributes[0].Int)
            return [source];
        var cast = base.Nodes(opType, outputs, inputs, attributes);
        _casts.Add(cast[0], inputs[0]);
        return cast;
    }

    void Contribute(string tensor, string gradient)
    {
        if (!_gradients.TryGetValue(tensor, out var terms))
            _gradients.Add(tensor, terms = []);
        terms.Add(gradient);
    }

    string? Summed(string tensor)
    {
        if (!_gradients.TryGetValue(tensor, out var terms))
            return null;
        if (terms.Count > 1)
            _gradients[tensor] = terms = [Sum(terms)];
        return terms[0];
    }

    string Zero(string tensor) => Zeros(Shape(tensor), tensor);
}
