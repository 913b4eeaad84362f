using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Reverse-mode differentiation of ONNX graphs. The gradients are standard operators of the model's own operator set, appended to its
/// graph, so any ONNX runtime can compute them.
/// </summary>
public static class GradientBuilder
{
    /// <summary>Appends to <paramref name="model"/> what computes d(loss)/d(target) for each target.</summary>
    /// <param name="model">The model; nodes are appended, its outputs stay as they are.</param>
    /// <param name="loss">A tensor of one element.</param>
    /// <param name="targets">Graph inputs, initializers or tensors in between, of a floating-point type.</param>
    /// <returns>For each target the name of its gradient, which has the target's shape; zeros where the loss does not depend on it.</returns>
    /// <exception cref="OnnxException">
    /// An operator between a target and the loss has no gradient rule, or a shape is not known well enough.
    /// </exception>
    public static IReadOnlyDictionary<string, string> AddGradients(OnnxModel model, string loss, IEnumerable<string> targets) =>
        AddGradients(GraphBuilder.Edit(model), loss, targets);

    /// <summary>Appends to the graph under construction what computes d(loss)/d(target) for each target.</summary>
    /// <inheritdoc cref="AddGradients(OnnxModel, string, IEnumerable{string})"/>
    public static IReadOnlyDictionary<string, string> AddGradients(GraphBuilder graph, string loss, IEnumerable<string> targets)
    {
        var wanted = targets.Distinct().ToList();
        Unfusing.Apply(graph, GradientPath.Find(graph, loss, wanted));
        Fusing.Apply(graph, GradientPath.Find(graph, loss, wanted), [loss, .. wanted]);
        var path = GradientPath.Find(graph, loss, wanted);
        var scope = new GradientScope(graph, path);
        scope.Start(loss);
        foreach (var node in path.FromLossToTargets)
            scope.Visit(node, GradientRules.Table[node.Key]);
        return wanted.ToDictionary(t => t, scope.GradientOf);
    }
}
