using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What takes the place of the backbone's own parameters, in all places of each; several edits of one parameter follow one another.</summary>
sealed class ParameterEdits(GraphBuilder graph)
{
    readonly Dictionary<(OnnxNode, int), OnnxTensor> _values = [];
    int _writes;

    /// <summary>Changes the values for good; other parameters that read the same constant keep it.</summary>
    internal void Edit(ParameterSite site, string name, Action<float[]> edit)
    {
        var current = _values.GetValueOrDefault((site.Node, site.Input)) ?? site.Tensor;
        var values = current.ToFloats();
        edit(values);
        var edited = OnnxTensor.FromFloats($"{name}.{_writes++}", values, current.Dims);
        Note(site, edited);
        Replace(site, graph.Initializer(edited));
    }

    /// <summary>Remembers the values that the next edit begins with.</summary>
    internal void Note(ParameterSite site, OnnxTensor values)
    {
        foreach (var place in site.Places)
            _values[(place.Node, place.Input)] = values;
    }

    /// <summary>Lets a parameter's places read <paramref name="tensor"/> instead of its constant.</summary>
    internal void Replace(ParameterSite site, string tensor)
    {
        foreach (var place in site.Places)
        {
            var (current, value) = (place.Node.Input(place.Input), tensor);
            if (graph.Model.Graph.Nodes.Find(n => n.Outputs.Contains(current)) is { OpType: "Transpose" } transpose)
                value = graph.Node("Transpose", [value], [.. transpose.Attributes]);
            place.Node.Inputs[place.Input] = graph.Cast(value, graph.TypeOf(current));
        }
    }
}
