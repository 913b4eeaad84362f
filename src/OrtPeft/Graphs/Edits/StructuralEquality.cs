namespace OrtPeft.Graphs;

/// <summary>Compares graphs without regard to names of inner tensors and nodes.</summary>
public static class StructuralEquality
{
    /// <summary>
    /// Null when both graphs compute the same in the same way: the same operators with the same attributes in the same order, connected alike,
    /// with equal constants and the same inputs and outputs. Otherwise the first difference.
    /// </summary>
    public static string? Difference(OnnxModel a, OnnxModel b) => Difference(a.Graph, b.Graph, []);

    static string? Difference(OnnxGraph a, OnnxGraph b, Dictionary<string, string> names)
    {
        if (a.Nodes.Count != b.Nodes.Count)
            return $"{a.Nodes.Count} nodes and {b.Nodes.Count} nodes.";
        if (a.Inputs.Count != b.Inputs.Count || a.Outputs.Count != b.Outputs.Count)
            return "Different numbers of inputs or outputs.";
        names = new Dictionary<string, string>(names) { [""] = "" };
        foreach (var (x, y) in a.Inputs.Zip(b.Inputs))
        {
            if (x.ElementType != y.ElementType || !(x.Shape ?? []).SequenceEqual(y.Shape ?? []))
                return $"The inputs {x} and {y}.";
            names[x.Name] = y.Name;
        }
        var constants = (A: new GraphIndex(a), B: new GraphIndex(b));
        foreach (var (x, y) in a.Nodes.Zip(b.Nodes))
        {
            if (x.Key != y.Key || x.Inputs.Count != y.Inputs.Count || x.Outputs.Count != y.Outputs.Count || x.Attributes.Count != y.Attributes.Count)
                return $"The nodes {x} and {y}.";
            foreach (var (i, j) in x.Inputs.Zip(y.Inputs))
            {
                if (names.TryGetValue(i, out var known) ? known != j : !SameConstant(constants.A.Initializer(i), constants.B.Initializer(j)))
                    return $"{x} reads '{i}', {y} reads '{j}'.";
            }
            foreach (var attribute in x.Attributes)
            {
                if (y.Attribute(attribute.Name) is not { } other || !Same(attribute, other, names))
                    return $"The attribute '{attribute.Name}' of {x} and {y}.";
            }
            foreach (var (i, j) in x.Outputs.Zip(y.Outputs))
                names[i] = j;
        }
        return a.Outputs.Zip(b.Outputs).FirstOrDefault(p => names.GetValueOrDefault(p.First.Name) != p.Second.Name) is { First: { } first } pair
            ? $"The outputs {first} and {pair.Second}." : null;
    }

    static bool SameConstant(OnnxTensor? a, OnnxTensor? b) =>
        a is not null && b is not null && (ReferenceEquals(a.Data, b.Data) || (a.ElementType == b.ElementType && a.Dims.SequenceEqual(b.Dims)
            && a.ElementType != OnnxType.String && a.ToBytes().AsSpan().SequenceEqual(b.ToBytes())));

    static bool Same(OnnxAttribute a, OnnxAttribute b, Dictionary<string, string> names) =>
        a.Int == b.Int && a.Float == b.Float && Same(a.Text, b.Text) && Same(a.Ints, b.Ints) && Same(a.Floats, b.Floats)
        && (a.Tensor is null ? b.Tensor is null : SameConstant(a.Tensor, b.Tensor))
        && (a.Graph is null ? b.Graph is null : b.Graph is not null && Difference(a.Graph, b.Graph, names) is null);

    static bool Same<T>(IReadOnlyList<T>? a, IReadOnlyList<T>? b) => a is null ? b is null : b is not null && a.SequenceEqual(b);
}
