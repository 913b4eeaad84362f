using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>One node of a graph, what is known about its inputs, and the operators to write new nodes with.</summary>
abstract class NodeScope(GraphBuilder graph) : GraphOperators
{
    /// <inheritdoc/>
    public override int Opset => graph.Opset;

    internal OnnxNode Current { get; private protected set; } = null!;

    internal int InputCount => Current.Inputs.Count;

    internal int OutputCount => Current.Outputs.Count;

    internal string Input(int index) => Current.Input(index);

    internal bool HasInput(int index) => Current.Input(index).Length > 0;

    internal string Output(int index) => Current.Output(index);

    internal long Attribute(string name, long otherwise) => Current.Int(name, otherwise);

    internal float Attribute(string name, float otherwise) => Current.Float(name, otherwise);

    internal string Attribute(string name, string otherwise) => Current.Text(name, otherwise);

    /// <summary>A list of integers given as an attribute in old operator sets and as an input in new ones; null when not given.</summary>
    internal long[]? Ints(string attribute, int input)
    {
        if (Current.Ints(attribute) is { } values)
            return [.. values];
        if (!HasInput(input))
            return null;
        return Known(Input(input)) ?? throw Error($"has '{attribute}' computed from data, which its gradient cannot follow");
    }

    /// <summary>The contents of an integer tensor that does not depend on data; null when it does.</summary>
    internal long[]? Known(string tensor) => graph.Shapes.Contents(tensor)?.Numbers;

    /// <summary>The contents of a constant float tensor of one element; null when it is anything else.</summary>
    internal double? KnownScalar(string tensor) =>
        graph.Shapes.Constant(tensor) is { ElementCount: 1 } constant && constant.ElementType.IsFloat() ? constant.ToFloats()[0] : null;

    internal OnnxException Error(string problem) => new($"The node {Current} {problem}, so no gradient can pass it. Train only what comes after it.");

    /// <inheritdoc/>
    public override string Constant(OnnxTensor tensor) => graph.Constant(tensor);

    /// <inheritdoc/>
    public override OnnxValueInfo Info(string tensor) => graph.Info(tensor);

    /// <inheritdoc/>
    public override string[] Nodes(string opType, int outputs, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes) =>
        graph.Nodes(opType, outputs, inputs, attributes);
}
