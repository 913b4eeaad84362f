using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Tells before anything is trained which operators of a model no gradient can pass.</summary>
public static class GradientCoverage
{
    /// <summary>
    /// The nodes without a gradient rule among those that lie behind the first floating-point values: float inputs, and embeddings looked up
    /// by integer inputs. Arithmetic on shapes and masks is not among them.
    /// </summary>
    /// <exception cref="OnnxException">The model's shapes contradict each other.</exception>
    public static IReadOnlyList<OnnxNode> Missing(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var shapes = ShapeInference.Infer(model);
        var weights = model.Graph.Initializers.Select(t => t.Name).ToHashSet();
        var trainable = model.Graph.Inputs.Where(i => i.ElementType.IsFloat() && !weights.Contains(i.Name)).Select(i => i.Name).ToHashSet();
        var missing = new List<OnnxNode>();
        foreach (var node in StraightThrough.View(model.Graph))
        {
            var looksUp = node.OpType == "Gather" && IsFloat(node.Output(0)) && IsInput(node.Input(1));
            if (!looksUp && !node.Inputs.Exists(trainable.Contains))
                continue;
            var outputs = node.Outputs.Where(o => IsFloat(o) || StraightThrough.Quantizes(node)).ToList();
            if (outputs.Count > 0 && !GradientRules.Table.ContainsKey(node.Key) && !Unfusing.Table.ContainsKey(node.Key))
                missing.Add(node);
            trainable.UnionWith(outputs);
        }
        return missing;

        // What an unknown operator gives is taken for floating-point: better one warning too many.
        bool IsFloat(string tensor) =>
            tensor.Length > 0 && (!shapes.TryGet(tensor, out var info) || info.ElementType.IsFloat() || info.ElementType == OnnxType.Undefined);

        bool IsInput(string tensor) => model.Graph.Inputs.Exists(i => i.Name == tensor);
    }
}
