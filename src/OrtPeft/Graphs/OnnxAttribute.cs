namespace OrtPeft.Graphs;

/// <summary>A named constant of a node. Exactly one of the value properties is set.</summary>
public sealed class OnnxAttribute
{
    /// <summary>An integer.</summary>
    public OnnxAttribute(string name, long value) => (Name, Int) = (name, value);

    /// <summary>A float.</summary>
    public OnnxAttribute(string name, float value) => (Name, Float) = (name, value);

    /// <summary>A string.</summary>
    public OnnxAttribute(string name, string value) => (Name, Text) = (name, System.Text.Encoding.UTF8.GetBytes(value));

    /// <summary>A list of integers.</summary>
    public OnnxAttribute(string name, IReadOnlyList<long> values) => (Name, Ints) = (name, values);

    /// <summary>A list of floats.</summary>
    public OnnxAttribute(string name, IReadOnlyList<float> values) => (Name, Floats) = (name, values);

    /// <summary>A tensor.</summary>
    public OnnxAttribute(string name, OnnxTensor value) => (Name, Tensor) = (name, value);

    /// <summary>A graph, the body of a control-flow operator.</summary>
    public OnnxAttribute(string name, OnnxGraph value) => (Name, Graph) = (name, value);

    internal OnnxAttribute(string name) => Name = name;

    /// <summary>The attribute's name.</summary>
    public string Name { get; }

    /// <summary>The value of an integer attribute.</summary>
    public long? Int { get; internal init; }

    /// <summary>The value of a float attribute.</summary>
    public float? Float { get; internal init; }

    /// <summary>The bytes of a string attribute, UTF-8 by custom.</summary>
    public IReadOnlyList<byte>? Text { get; internal init; }

    /// <summary>The value of a list of integers.</summary>
    public IReadOnlyList<long>? Ints { get; internal init; }

    /// <summary>The value of a list of floats.</summary>
    public IReadOnlyList<float>? Floats { get; internal init; }

    /// <summary>The value of a tensor attribute.</summary>
    public OnnxTensor? Tensor { get; internal init; }

    /// <summary>The value of a graph attribute.</summary>
    public OnnxGraph? Graph { get; internal init; }

    /// <summary>The values of a list of graphs.</summary>
    public IReadOnlyList<OnnxGraph>? Graphs { get; internal init; }

    /// <summary>The values of a list of tensors.</summary>
    public IReadOnlyList<OnnxTensor>? Tensors { get; internal init; }

    /// <summary>The value of a sparse tensor attribute.</summary>
    internal OnnxSparseTensor? Sparse { get; init; }

    /// <summary>The values of a list of strings.</summary>
    internal IReadOnlyList<byte[]>? Texts { get; init; }

    /// <summary>Inside a function: the function's attribute that gives the value.</summary>
    internal string? Reference { get; init; }

    /// <summary>AttributeProto.AttributeType as the file has it; 0 when it is to be derived from the value.</summary>
    internal int TypeNumber { get; init; }

    /// <summary>Fields this library does not interpret, as they stood in the file.</summary>
    internal byte[]? Rest { get; init; }

    internal OnnxAttribute Renamed(string name) => new(name)
    {
        Int = Int,
        Float = Float,
        Text = Text,
        Ints = Ints,
        Floats = Floats,
        Tensor = Tensor,
        Graph = Graph,
        Graphs = Graphs,
        Tensors = Tensors,
        Sparse = Sparse,
        Texts = Texts,
        TypeNumber = TypeNumber,
        Rest = Rest,
    };
}
