using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// An encoder as its graph shows it: embeddings, layers with their linear layers and norms, final norm and pooler. Found by structure, never by
/// the names of tensors; what was not found is null and has a reason in <see cref="Missing"/>.
/// </summary>
sealed record EncoderAnatomy
{
    /// <summary>What lies before the first layer.</summary>
    internal required EncoderEntry Entry { get; init; }

    /// <summary>The layers in order.</summary>
    internal required IReadOnlyList<EncoderLayer> Layers { get; init; }

    /// <summary>The norm behind the last layer; null in encoders that have none.</summary>
    internal NormSite? FinalNorm { get; init; }

    /// <summary>The linear layer of the pooler, whose output goes through Tanh; null in graphs without one.</summary>
    internal LinearSite? Pooler { get; init; }

    /// <summary>The last hidden state.</summary>
    internal required string LastHiddenState { get; init; }

    /// <summary>What was not found and why, by the name of the site.</summary>
    internal IReadOnlyDictionary<string, string> Missing { get; init; } = new Dictionary<string, string>();

    /// <summary>Hidden states: the input of the first layer, then the output of every layer; null where the graph has no such tensor.</summary>
    internal IEnumerable<string?> HiddenStates => Layers.Count == 0 ? [] : Layers.Select(l => l.Output).Prepend(Layers[0].Input);

    /// <summary>All sites by name, in the order of the graph.</summary>
    internal IEnumerable<EncoderSite> Sites => EncoderSites.All(this);

    /// <summary>The anatomy of a backbone.</summary>
    /// <inheritdoc cref="Of(OnnxModel, IReadOnlyCollection{string}, string, IReadOnlyDictionary{string, string}?)"/>
    internal static EncoderAnatomy Of(Backbone backbone, IReadOnlyDictionary<string, string>? named = null) =>
        Of(backbone.Model, [.. backbone.InputNames.Where(i => backbone.RoleOf(i) != InputRole.Mask)], backbone.LastHiddenState, named ?? backbone.NamedSites);

    /// <summary>
    /// The anatomy of any encoder of texts or images whose inputs other than a mask are data, and whose last hidden state is the output of that
    /// name or the first one [batch, tokens, width]; null when there is no such output.
    /// </summary>
    /// <inheritdoc cref="Of(OnnxModel, IReadOnlyCollection{string}, string, IReadOnlyDictionary{string, string}?)"/>
    internal static EncoderAnatomy? Find(OnnxModel model, IReadOnlyDictionary<string, string>? named = null)
    {
        var weights = model.Graph.Initializers.Select(i => i.Name).ToHashSet();
        var data = model.Graph.Inputs.Select(i => i.Name).Where(i => !weights.Contains(i) && !i.Contains("mask", StringComparison.OrdinalIgnoreCase)).ToArray();
        var hidden = model.Graph.Outputs.Where(o => o.ElementType.IsFloat() && o.Shape is { Count: 3 }).ToArray();
        return (hidden.FirstOrDefault(o => o.Name == "last_hidden_state") ?? hidden.FirstOrDefault()) is { } last ? Of(model, data, last.Name, named) : null;
    }

    /// <summary>The anatomy of an encoder's graph.</summary>
    /// <param name="model">The graph; it is only read, and the sites refer to its nodes.</param>
    /// <param name="data">The inputs that hold data: token ids and token types, or pixels; not the mask.</param>
    /// <param name="lastHiddenState">The tensor [batch, tokens, width] behind the last layer.</param>
    /// <param name="named">Tensors by site that take the place of what is found; see <see cref="HandNamedSites"/>.</param>
    /// <exception cref="OrtPeftException">A named site is none.</exception>
    internal static EncoderAnatomy Of(OnnxModel model, IReadOnlyCollection<string> data, string lastHiddenState, IReadOnlyDictionary<string, string>? named = null)
    {
        var graph = new EncoderGraph(model, data, lastHiddenState);
        var missing = new Dictionary<string, string>();
        var layers = AttentionRecogniser.Find(graph).Select((attention, i) => LayerRecogniser.Find(graph, attention, i, missing)).ToArray();
        if (named is { Count: > 0 })
            layers = HandNamedSites.Apply(graph, layers, named);
        return new EncoderAnatomy
        {
            Entry = layers is [{ Input: { } hidden }, ..] ? EntryRecogniser.Find(graph, hidden) : new EncoderEntry(),
            Layers = layers,
            FinalNorm = layers is [.., { NormStyle: NormStyle.Pre }] ? graph.NormAt(graph.Origin(lastHiddenState)) : null,
            Pooler = PoolerRecogniser.Find(graph, lastHiddenState),
            LastHiddenState = lastHiddenState,
            Missing = missing.Where(m => named?.ContainsKey(m.Key) != true).ToDictionary(),
        };
    }
}
