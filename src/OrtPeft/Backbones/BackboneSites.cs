using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Finds the sites of a backbone by the structure of its graph, never by the names of its tensors.</summary>
static class BackboneSites
{
    internal const string Embeddings = "embeddings";
    const string Layer = "layer.";

    /// <summary>The site that is the input of a layer.</summary>
    internal static string LayerName(int layer) => $"{Layer}{layer}";

    static readonly HashSet<string> AttentionOperators = ["Softmax", "Attention", "MultiHeadAttention", "PackedAttention", "QAttention", "GroupQueryAttention"];

    /// <summary>
    /// Tensors by site: `embeddings` (which is the input of layer 0), `layer.J` (the input of layer J), `last-hidden-state`. The input of a
    /// layer is the last tensor before its attention that everything passes; a layer where there is none is left out.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> Find(Backbone backbone)
    {
        var flow = new DataFlow(backbone);
        var shapes = ShapeInference.Infer(backbone.Model);
        var bottlenecks = flow.Bottlenecks().Where(b => IsHidden(shapes, b.Tensor, backbone.Images?.Tokens)).ToArray();
        var sites = new Dictionary<string, string>();
        var layer = 0;
        for (var i = 0; i < flow.Nodes.Count; i++)
        {
            if (!AttentionOperators.Contains(flow.Nodes[i].OpType))
                continue;
            if (bottlenecks.LastOrDefault(b => b.Place < i).Tensor is { } input)
            {
                // A conversion to the type it has already is no place of its own.
                while (bottlenecks.FirstOrDefault(b => b.Tensor == input) is var (_, place) && flow.Nodes[place] is { OpType: "Cast" or "Identity" } same
                    && bottlenecks.Any(b => b.Tensor == same.Inputs[0]) && shapes[same.Inputs[0]].ElementType == shapes[input].ElementType)
                {
                    input = same.Inputs[0];
                }
                if (layer == 0)
                    sites.Add(Embeddings, input);
                sites.TryAdd(LayerName(layer), input);
            }
            layer++;
        }
        sites.Add(FeatureSite.LastHiddenState, backbone.LastHiddenState);
        return sites;
    }

    /// <summary>
    /// The site that <paramref name="at"/> names: a site by name (one of these, or of the <see cref="EncoderAnatomy"/>), or a tensor of the
    /// graph; several are separated by commas.
    /// </summary>
    /// <exception cref="OrtPeftException">There is no such site, it cannot be cached, or a cache cannot help there.</exception>
    internal static FeatureSite Resolve(Backbone backbone, string at)
    {
        if (at is FeatureSite.LastHiddenState)
            return FeatureSite.Last(backbone);
        if (LastLayers.CountOf(at) is { } layers)
            return LastLayers.Resolve(backbone, layers);
        var sites = Find(backbone);
        var flow = new DataFlow(backbone);
        var names = at.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var tensors = names.SelectMany(name => Crossing(backbone, flow, name, sites.GetValueOrDefault(name) ?? OfAnatomy(backbone, name) ?? name, sites)).Distinct().ToArray();
        if (tensors.Length == 0)
            throw new OrtPeftException($"--at names no site; expected {Known(sites)}.");
        return new FeatureSite(string.Join(',', names), Describe(backbone, at, tensors));
    }

    /// <summary>The same, null where a cache cannot help.</summary>
    internal static FeatureSite? TryResolve(Backbone backbone, string at)
    {
        try
        {
            return Resolve(backbone, at);
        }
        catch (OrtPeftException)
        {
            return null;
        }
    }

    static IReadOnlyList<string> Crossing(Backbone backbone, DataFlow flow, string name, string tensor, IReadOnlyDictionary<string, string> sites)
    {
        var graph = backbone.Model.Graph;
        if (backbone.InputNames.Contains(tensor))
            throw NoHelp(backbone, $"'{name}' is an input of the model, the text itself");
        if (!flow.Carries(tensor) || graph.Nodes.All(n => !n.Outputs.Contains(tensor)))
            throw new OrtPeftException($"'{backbone.Name}' has no site or tensor '{name}' that depends on the text; expected {Known(sites)}, or a tensor's name.");
        var crossing = flow.Crossing(tensor);
        if (crossing.FirstOrDefault(backbone.InputNames.Contains) is { } input)
            throw NoHelp(backbone, $"behind '{name}' the model still reads its input '{input}'");
        return crossing;
    }

    /// <summary>The tensor of a site inside a layer, such as layer.0.ffn.in; null when the name is none.</summary>
    static string? OfAnatomy(Backbone backbone, string name) => backbone.Model.Graph.Nodes.Exists(n => n.Outputs.Contains(name)) ? null
        : EncoderAnatomy.Of(backbone).Sites.FirstOrDefault(s => s.Name == name) is not { } site ? null
        : site.Tensor ?? throw new OrtPeftException($"The site '{name}' of '{backbone.Name}' has no tensor that could be cached: {site.Reason}.");

    /// <summary>The frontier of a method is the raw input.</summary>
    internal static OrtPeftException NoHelp(Backbone backbone, string why) =>
        new($"A cache cannot help here: {why}, so the frozen part of '{backbone.Name}' is empty and nothing is computed that could be kept. " +
            $"Choose a later site, such as {Embeddings}, or train without a cache.");

    static SiteTensor[] Describe(Backbone backbone, string at, IEnumerable<string> tensors)
    {
        var shapes = ShapeInference.Infer(backbone.Model);
        return [.. tensors.Select(t => Describe(shapes, t, backbone.Images?.Tokens) ?? throw new OrtPeftException(
            $"At '{at}' the tensor '{t}' would have to be cached; it is {(shapes.TryGet(t, out var info) ? info : "of unknown shape")}. " +
            "Expected floating-point [batch, tokens, width] or [batch, width]. Choose another site."))];
    }

    static SiteTensor? Describe(ShapeMap shapes, string tensor, int? tokens)
    {
        if (!shapes.TryGet(tensor, out var info) || !info.ElementType.IsFloat() || info.Shape is not { Count: >= 2 } shape || shape[0].IsKnown)
            return null;
        // An image always has the same number of tokens; a text has any.
        var hasTokens = tokens is { } fixedNumber ? shape.Count == 3 && shape[1] == fixedNumber : !shape[1].IsKnown;
        var rest = shape.Skip(hasTokens ? 2 : 1).ToArray();
        return rest.All(d => d.IsKnown) ? new SiteTensor(tensor, checked((int)rest.Aggregate(1L, (a, d) => a * d.Value)), hasTokens) : null;
    }

    static bool IsHidden(ShapeMap shapes, string tensor, int? tokens) => Describe(shapes, tensor, tokens) is { HasTokens: true } && shapes[tensor].Shape!.Count == 3;

    static string Known(IReadOnlyDictionary<string, string> sites) => string.Join(", ", sites.Keys);
}
