namespace OrtPeft.Graphs;

/// <summary>A named value of a graph with its type and shape.</summary>
public sealed class OnnxValueInfo
{
    /// <summary>Creates a tensor value; a null shape means that not even the rank is known.</summary>
    public OnnxValueInfo(string name, OnnxType elementType, IReadOnlyList<Dim>? shape)
    {
        Name = name;
        ElementType = elementType;
        Shape = shape;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The element type; <see cref="OnnxType.Undefined"/> for sequences, maps and what the file leaves open.</summary>
    public OnnxType ElementType { get; }

    /// <summary>The dimensions, or null when the rank is unknown.</summary>
    public IReadOnlyList<Dim>? Shape { get; }

    /// <summary>For example <c>input_ids: int64[batch, sequence]</c>.</summary>
    public override string ToString() => $"{Name}: {ElementType.Text()}{ShapeText(Shape)}";

    internal OnnxValueInfo WithName(string name) => new(name, ElementType, Shape) { RawType = RawType, Rest = Rest };

    internal static string ShapeText(IReadOnlyList<Dim>? shape) => shape is null ? "[...]" : $"[{string.Join(", ", shape)}]";

    /// <summary>The TypeProto as the file has it, when it says more than element type and shape (sequences, maps, denotations).</summary>
    internal byte[]? RawType { get; init; }

    /// <summary>Fields this library does not interpret, as they stood in the file.</summary>
    internal byte[]? Rest { get; init; }
}
