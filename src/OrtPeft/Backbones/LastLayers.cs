using System.Globalization;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The site `last-K-layers`: the last K hidden states of a backbone side by side, [batch, tokens, K x width], the input of layer L - K + 1 first, the last
/// hidden state at the end. A cache holds them as one tensor.
/// </summary>
static class LastLayers
{
    const string Before = "last-", Behind = "-layers";

    /// <summary>The name of the site; of one hidden state that of the last.</summary>
    internal static string SiteOf(int count) => count == 1 ? FeatureSite.LastHiddenState : string.Create(CultureInfo.InvariantCulture, $"{Before}{count}{Behind}");

    /// <summary>How many hidden states a site of this name holds; null when it is another site.</summary>
    internal static int? CountOf(string site) => site == FeatureSite.LastHiddenState ? 1
        : site.StartsWith(Before, StringComparison.Ordinal) && site.EndsWith(Behind, StringComparison.Ordinal)
            && int.TryParse(site.AsSpan()[Before.Length..^Behind.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 1 ? count : null;

    /// <exception cref="OrtPeftException">The backbone has not so many hidden states that can be found.</exception>
    internal static FeatureSite Resolve(Backbone backbone, int count)
    {
        _ = Tensors(backbone, count);
        return new FeatureSite(SiteOf(count), [new SiteTensor(SiteOf(count), count * backbone.Hidden, HasTokens: true)]);
    }

    /// <summary>The part of the backbone before the site, with the hidden states side by side as its one output.</summary>
    internal static OnnxModel Prefix(Backbone backbone, int count)
    {
        var tensors = Tensors(backbone, count);
        var model = GraphCut.Prefix(backbone.Model, tensors);
        if (count == 1)
            return model;
        model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(model);
        g.Output(g.Concat(2, [.. tensors.Select(t => g.Cast(t, OnnxType.Float))]), SiteOf(count));
        return model;
    }

    static string[] Tensors(Backbone backbone, int count)
    {
        if (count == 1)
            return [backbone.LastHiddenState];
        var sites = BackboneSites.Find(backbone);
        var layers = 0;
        while (sites.ContainsKey(BackboneSites.LayerName(layers)))
            layers++;
        // What is found without gaps counts: a layer that was left out would shift all before it.
        if (layers < Math.Max(1, backbone.Layers) || count > layers)
            throw new OrtPeftException($"'{backbone.Name}' has {Math.Min(layers, backbone.Layers > 0 ? backbone.Layers : layers)} layers whose input is found; {count} hidden states are asked for. Expected at most as many as layers.");
        return [.. Enumerable.Range(layers - count + 1, count - 1).Select(layer => sites[BackboneSites.LayerName(layer)]), backbone.LastHiddenState];
    }
}
