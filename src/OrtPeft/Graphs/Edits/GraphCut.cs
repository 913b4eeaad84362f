namespace OrtPeft.Graphs;

/// <summary>Cuts a model at tensors: what computes them, and what is computed from them.</summary>
public static class GraphCut
{
    /// <summary>The part that computes <paramref name="outputs"/> from the model's inputs. Inputs nobody needs are left out.</summary>
    /// <exception cref="OnnxException">A tensor does not exist.</exception>
    public static OnnxModel Prefix(OnnxModel model, IReadOnlyList<string> outputs) => Between(model, [], outputs);

    /// <summary>The part that computes the model's outputs from <paramref name="inputs"/>, which become graph inputs.</summary>
    /// <exception cref="OnnxException">A tensor does not exist, or its type and shape are not known.</exception>
    public static OnnxModel Suffix(OnnxModel model, IReadOnlyList<string> inputs) =>
        Between(model, inputs, [.. model.Graph.Outputs.Select(o => o.Name)]);

    /// <summary>
    /// The part that computes <paramref name="outputs"/> from <paramref name="inputs"/> and from those of the model's inputs that are
    /// still needed.
    /// </summary>
    /// <exception cref="OnnxException">A tensor does not exist, or its type and shape are not known.</exception>
    public static OnnxModel Between(OnnxModel model, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        var source = model.Graph;
        var shapes = ShapeInference.Infer(model);
        var index = new GraphIndex(source);
        var needed = new HashSet<string>(outputs);
        var nodes = new List<OnnxNode>();
        foreach (var node in Enumerable.Reverse(source.Nodes))
        {
            if (!node.Outputs.Exists(o => needed.Contains(o) && !inputs.Contains(o)))
                continue;
            needed.UnionWith(node.Inputs.Concat(GraphNames.Captured(node)));
            nodes.Add(node.Copy());
        }
        nodes.Reverse();

        var cut = model.WithGraph(new OnnxGraph { Name = source.Name });
        var graph = cut.Graph;
        graph.Nodes.AddRange(nodes);
        // A node that writes a cut tensor together with a needed one stays, but the cut tensor comes from outside.
        foreach (var node in nodes)
        {
            for (var i = 0; i < node.Outputs.Count; i++)
                node.Outputs[i] = inputs.Contains(node.Outputs[i]) ? "" : node.Outputs[i];
        }
        graph.Inputs.AddRange(inputs.Where(needed.Contains).Select(i => new OnnxValueInfo(i, shapes[i].ElementType, shapes[i].Shape)));
        graph.Inputs.AddRange(source.Inputs.Where(i => needed.Contains(i.Name) && !inputs.Contains(i.Name)));
        graph.Initializers.AddRange(source.Initializers.Where(t => needed.Contains(t.Name) && !inputs.Contains(t.Name)));
        graph.SparseInitializers.AddRange(source.SparseInitializers.Where(s => needed.Contains(s.Values.Name) && !inputs.Contains(s.Values.Name)));
        graph.ValueInfos.AddRange(source.ValueInfos.Where(v => needed.Contains(v.Name) && !outputs.Contains(v.Name) && !inputs.Contains(v.Name)));
        foreach (var output in outputs)
        {
            if (index.Producer(output) is null && index.Initializer(output) is null && !source.Inputs.Exists(i => i.Name == output))
                throw new OnnxException($"The model has no tensor '{output}' to cut at.");
            graph.Outputs.Add(source.Outputs.Find(o => o.Name == output)
                ?? new OnnxValueInfo(output, shapes[output].ElementType, shapes[output].Shape));
        }
        return cut;
    }
}
