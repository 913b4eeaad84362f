using OrtPeft.Graphs.Shapes;

namespace OrtPeft.Graphs;

/// <summary>Type and shape of every tensor of a graph, as far as they can be known without running it.</summary>
public sealed class ShapeMap
{
    readonly Dictionary<string, OnnxValueInfo> _values = [];
    readonly Dictionary<string, OnnxTensor> _constants = [];
    readonly Dictionary<string, SymbolicTensor> _contents = [];
    readonly List<OnnxNode> _unresolved = [];
    int _fresh;

    internal ShapeMap(int opset) => Opset = opset;

    /// <summary>The standard operator set that decides what operators mean.</summary>
    internal int Opset { get; }

    /// <summary>Names of the tensors something is known about.</summary>
    public IReadOnlyCollection<string> Names => _values.Keys;

    /// <summary>Nodes of operators without a shape rule; what they write has the type and shape the file declares, if any.</summary>
    public IReadOnlyList<OnnxNode> Unresolved => _unresolved;

    /// <summary>Type and shape of a tensor.</summary>
    /// <exception cref="OnnxException">Nothing is known about it.</exception>
    public OnnxValueInfo this[string tensor] => _values.GetValueOrDefault(tensor) ?? throw NotKnown(tensor);

    /// <summary>Type and shape of a tensor, if they are known.</summary>
    public bool TryGet(string tensor, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OnnxValueInfo? value) =>
        _values.TryGetValue(tensor, out value);

    /// <summary>The constant of that name (initializer or Constant node), or null.</summary>
    internal OnnxTensor? Constant(string tensor) => _constants.GetValueOrDefault(tensor);

    /// <summary>The contents of a small integer tensor, or null when they depend on data.</summary>
    internal SymbolicTensor? Contents(string tensor)
    {
        if (_contents.TryGetValue(tensor, out var known))
            return known;
        if (_constants.TryGetValue(tensor, out var constant) && SymbolicTensor.Of(constant) is { } contents)
        {
            _contents.Add(tensor, contents);
            return contents;
        }
        return null;
    }

    internal void Add(OnnxTensor constant)
    {
        _constants[constant.Name] = constant;
        _values[constant.Name] = new OnnxValueInfo(constant.Name, constant.ElementType, [.. constant.Dims.Select(Dim.Of)]);
    }

    /// <summary>
    /// Records what is known about a tensor; unknown lengths get a name of their own, so that equal ones stay recognisable.
    /// </summary>
    internal void Add(string name, OnnxType type, IReadOnlyList<Dim>? shape, SymbolicTensor? contents = null)
    {
        _values[name] = new OnnxValueInfo(name, type, shape is null ? null : [.. shape.Select(d => d.IsUnknown ? NewDim() : d)]);
        if (contents is not null)
            _contents[name] = contents;
    }

    internal void AddConstant(string name, OnnxTensor constant) => Add(constant.WithName(name));

    internal void AddUnresolved(OnnxNode node) => _unresolved.Add(node);

    internal Dim NewDim() => Dim.Of($"unk__{_fresh++}");

    OnnxException NotKnown(string tensor)
    {
        var writer = _unresolved.Find(n => n.Outputs.Contains(tensor));
        return new OnnxException(writer is null
            ? $"Nothing is known about the type and shape of '{tensor}'; it is no tensor of this graph, or depends on an operator without a shape rule."
            : $"Type and shape of '{tensor}' are not known: the operator {writer.Key} (node {writer}) is not one this library knows.");
    }
}
