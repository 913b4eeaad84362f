using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// A backbone with a method's hooks, from the frontier on. The frontier is found: it is the last place before which nothing trained has any
/// influence. What comes before it is frozen, computed once and cached; where that is the embeddings alone, which cost nothing, the graph
/// begins with the token ids.
/// </summary>
sealed class TunedEncoder
{
    readonly Backbone _backbone;
    readonly Action<HookScope> _hooks;
    readonly Action<HookScope> _fuse;
    readonly Lazy<IReadOnlyList<OnnxValueInfo>> _inputs;

    TunedEncoder(Backbone backbone, Action<HookScope> hooks, Action<HookScope> fuse, IReadOnlyList<TrainedTensor> tensors, int takenPositions, FeatureSite? frontier)
    {
        (_backbone, _hooks, _fuse, Tensors, TakenPositions, Frontier) = (backbone, hooks, fuse, tensors, takenPositions, frontier);
        _inputs = new(() => [.. Build(new Dropouts(training: false), "batch").Graph.Model.Graph.Inputs.Where(i => Tensors.All(t => t.Name != i.Name))]);
    }

    /// <summary>Finds what <paramref name="hooks"/> train in <paramref name="backbone"/>, and the frontier.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="seed">Seed of the values at the start; null leaves them out.</param>
    /// <param name="hooks">Writes the method's edits.</param>
    /// <param name="fuse">Writes a trained result into the graph.</param>
    /// <exception cref="OrtPeftException">The backbone lacks a site that the method needs.</exception>
    internal static TunedEncoder Of(Backbone backbone, long? seed, Action<HookScope> hooks, Action<HookScope> fuse)
    {
        var scope = HookScope.Over(backbone, new Dropouts(training: false), seed);
        hooks(scope);
        scope.Finish();
        return new TunedEncoder(backbone, hooks, fuse, scope.Initial, scope.TakenPositions, FrontierOf(backbone, scope));
    }

    /// <summary>What it is made of.</summary>
    internal Backbone Backbone => _backbone;

    /// <summary>What is trained, with the values at the start.</summary>
    internal IReadOnlyList<TrainedTensor> Tensors { get; }

    /// <summary>Positions that a text cannot have, because something trained stands there.</summary>
    internal int TakenPositions { get; }

    /// <summary>Where the graph begins: tensors that are cached; null for the token ids themselves.</summary>
    internal FeatureSite? Frontier { get; }

    /// <summary>What the graph reads besides the trained tensors: tensors of the frontier, token ids, mask.</summary>
    internal IReadOnlyList<OnnxValueInfo> Inputs => _inputs.Value;

    /// <summary>The same from the token ids on, as it predicts.</summary>
    internal TunedEncoder FromTokens() => Frontier is null ? this : new TunedEncoder(_backbone, _hooks, _fuse, Tensors, TakenPositions, null);

    /// <summary>
    /// The graph: frontier, text inputs and trained tensors in, hidden states [rows, sequence, width] out, and the mask [rows, sequence] as numbers.
    /// </summary>
    /// <param name="dropouts">Takes the masks that training feeds in.</param>
    /// <param name="rows">Name of the dimension that counts texts.</param>
    internal (GraphBuilder Graph, string Hidden, string Mask) Build(Dropouts dropouts, string rows)
    {
        var scope = HookScope.Over(_backbone, dropouts);
        _hooks(scope);
        scope.Finish();
        var model = GraphCut.Between(scope.Graph.Model, [.. Frontier?.Tensors.Select(t => t.Name) ?? []], [scope.Hidden]);
        var graph = model.Graph;
        // One name for one length in the whole graph, whatever the exporter called it.
        graph.Outputs.Clear();
        for (var i = 0; i < graph.Inputs.Count; i++)
            graph.Inputs[i] = Named(graph.Inputs[i], rows);
        var mask = _backbone.InputNames.FirstOrDefault(i => _backbone.RoleOf(i) == InputRole.Mask);
        if (mask != null && !graph.Inputs.Exists(i => i.Name == mask))
            graph.Inputs.Add(new OnnxValueInfo(mask, OnnxType.Int64, [rows, "sequence"]));
        var g = GraphBuilder.Edit(model);
        return (g, scope.Hidden, scope.MaskOf(g, mask is null ? PooledFeatures.Ones(g, scope.Hidden) : g.Cast(mask, OnnxType.Float)));
    }

    /// <summary>An ordinary model from token ids to hidden states, with a trained result in it.</summary>
    /// <param name="trained">The trained values; those of the head are passed over.</param>
    internal (OnnxModel Model, string Hidden, Func<GraphBuilder, string, string> MaskOf) Fused(IEnumerable<TrainedTensor> trained)
    {
        var scope = HookScope.OverTrained(_backbone, trained);
        _fuse(scope);
        scope.Finish();
        return (GraphCut.Prefix(scope.Graph.Model, [scope.Hidden]), scope.Hidden, scope.MaskOf);
    }

    /// <summary>Writes the method's edits.</summary>
    internal void Hook(HookScope scope) => _hooks(scope);

    OnnxValueInfo Named(OnnxValueInfo input, string rows)
    {
        if (Tensors.Any(t => t.Name == input.Name) || input.Shape is not { Count: >= 2 } shape)
            return input;
        if (_backbone.Images is not null && _backbone.InputNames.Contains(input.Name))
            return new OnnxValueInfo(input.Name, input.ElementType, [rows, .. shape.Skip(1)]);
        var hasTokens = Frontier?.Tensors.FirstOrDefault(t => t.Name == input.Name)?.HasTokens ?? true;
        return new OnnxValueInfo(input.Name, input.ElementType, [rows, .. hasTokens ? ["sequence", .. shape.Skip(2)] : shape.Skip(1)]);
    }

    /// <summary>The same, whose graph is shown to <paramref name="look"/> after the method's edits whenever it is built.</summary>
    internal TunedEncoder ShownTo(Action<HookScope> look) => new(_backbone, _hooks + look, _fuse, Tensors, TakenPositions, Frontier);

    /// <summary>The input of the last layer that nothing trained reaches, unless that is the first: its embeddings cost less to compute than to read.</summary>
    static FeatureSite? FrontierOf(Backbone backbone, HookScope scope)
    {
        var reached = scope.Changed.ToHashSet();
        foreach (var node in scope.Graph.Model.Graph.Nodes.Where(n => DataFlow.Reads(n).Any(reached.Contains)))
            reached.UnionWith(node.Outputs);
        var sites = BackboneSites.Find(backbone);
        for (var layer = scope.Anatomy.Layers.Count - 1; layer > 0; layer--)
        {
            if (sites.TryGetValue(BackboneSites.LayerName(layer), out var tensor) && !reached.Contains(tensor))
                return BackboneSites.TryResolve(backbone, BackboneSites.LayerName(layer));
        }
        return null;
    }
}
