using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The PyTorch modules behind the sites of a backbone. Families of the table have known paths: exporters merge equal parameters, so that a name in the
/// file may be that of another module, and weights of products have none at all. For other families the paths are those that the file's
/// parameters are called by, where all layers agree on them.
/// </summary>
sealed class ModuleNames
{
    readonly Dictionary<string, string> _paths;
    readonly string _whyNot;

    ModuleNames(ModuleFamily? family, Dictionary<string, string> paths, string whyNot) => (Family, _paths, _whyNot) = (family, paths, whyNot);

    /// <summary>The row of the table; null for families that it lacks.</summary>
    internal ModuleFamily? Family { get; }

    /// <summary>Paths inside the encoder by site.</summary>
    internal IReadOnlyDictionary<string, string> Paths => _paths;

    /// <summary>Path of a site inside the encoder.</summary>
    /// <exception cref="OrtPeftException">It is not known.</exception>
    internal string Require(string site) => _paths.TryGetValue(site, out var path) ? path : throw new OrtPeftException(
        $"The name of the module {site} {_whyNot}, so peft's files cannot refer to it. Choose other targets, or use --format onnx.");

    internal static ModuleNames Of(Backbone backbone) => Of(backbone.Family, backbone.Model.Graph, EncoderAnatomy.Of(backbone));

    /// <param name="family">The `model_type` of the model's config.json.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="anatomy">Its sites.</param>
    internal static ModuleNames Of(string family, OnnxGraph graph, EncoderAnatomy anatomy)
    {
        var sites = Sites(anatomy).ToArray();
        if (!ModuleFamilies.Table.TryGetValue(family, out var rows))
            return new ModuleNames(null, OwnNames(graph, sites), $"cannot be told from the file, whose family '{family}' is not known");
        var gated = sites.Any(s => s.Name.EndsWith(EncoderRoles.FeedForwardGate, StringComparison.Ordinal));
        var fitting = rows.Where(r => rows.Count == 1 || r.Modules.ContainsKey(EncoderRoles.FeedForwardGate) == gated).ToArray();
        var row = fitting.MaxBy(r => sites.Count(s => s.Parameters.Any(p => r.Path(s.Name) is { } path && IsOf(p, path))))!;
        var paths = sites.Select(s => (s.Name, Path: row.Path(s.Name))).Where(s => s.Path is not null).ToDictionary(s => s.Name, s => s.Path!);
        return new ModuleNames(row, paths, $"is none of its own in models of the family {family}");
    }

    /// <summary>Every site that a method may train, with the names of its parameters in the file.</summary>
    static IEnumerable<(string Name, string[] Parameters)> Sites(EncoderAnatomy anatomy)
    {
        foreach (var layer in anatomy.Layers)
        {
            foreach (var role in EncoderRoles.Parse("", "all"))
            {
                if (EncoderRoles.Linear(layer, role) is { } site)
                    yield return ($"{BackboneSites.LayerName(layer.Index)}.{role}", site.IsPacked ? [] : NamesOf(site.Bias, site.Weight));
            }
            foreach (var (role, norm) in EncoderRoles.Norms(layer))
                yield return ($"{BackboneSites.LayerName(layer.Index)}.{role}", NamesOf(norm.Bias, norm.Scale));
        }
        if (anatomy.Entry.Norm is { } embeddings)
            yield return (ModuleFamily.EmbeddingsNorm, NamesOf(embeddings.Bias, embeddings.Scale));
        if (anatomy.FinalNorm is { } final)
            yield return (ModuleFamily.FinalNorm, NamesOf(final.Bias, final.Scale));
        if (anatomy.Pooler is { } pooler)
            yield return (ModuleFamily.Pooler, NamesOf(pooler.Bias, pooler.Weight));
    }

    /// <summary>Where a family's encoder keeps its pooler; null in families that have none.</summary>
    internal static string? PoolerOf(string family) => ModuleFamilies.Table.GetValueOrDefault(family)?[0].Path(ModuleFamily.Pooler);

    static string[] NamesOf(params ParameterSite?[] parameters) => [.. parameters.OfType<ParameterSite>().Select(p => p.Tensor.Name)];

    static bool IsOf(string parameter, string path) => $".{parameter}".Contains($".{path}.", StringComparison.Ordinal);

    /// <summary>The paths that the file's own names show: of every role the one that most layers have, each with its own number.</summary>
    static Dictionary<string, string> OwnNames(OnnxGraph graph, IReadOnlyList<(string Name, string[] Parameters)> sites)
    {
        var wrapper = Wrapper(graph);
        var paths = new Dictionary<string, string>();
        foreach (var role in sites.GroupBy(s => RoleOf(s.Name)))
        {
            var patterns = role.SelectMany(s => s.Parameters.Select(p => Pattern(p, s.Name)).OfType<string>()).GroupBy(p => p).OrderByDescending(g => g.Count()).ToArray();
            if (patterns is not [var most, ..] || patterns.Length > 1 && patterns[1].Count() == most.Count())
                continue;
            foreach (var (name, _) in role)
                paths.Add(name, most.Key.Replace("{0}", NumberOf(name), StringComparison.Ordinal)[wrapper.Length..]);
        }
        return paths;
    }

    /// <summary>"m.h.3.attn.q.bias" at site "layer.3.attention.q" is "m.h.{0}.attn.q"; null for names that are not of that layer.</summary>
    static string? Pattern(string parameter, string site)
    {
        var parts = parameter.Split('.');
        if (parts.Length < 2 || parts[^1] is not ("weight" or "bias"))
            return null;
        var place = Array.FindIndex(parts, p => p.All(char.IsAsciiDigit));
        if (place < 0 != (NumberOf(site) is null) || place >= 0 && parts[place] != NumberOf(site))
            return null;
        if (place >= 0)
            parts[place] = "{0}";
        return string.Join('.', parts[..^1]);
    }

    static string? NumberOf(string site) => site.Split('.', 3) is ["layer", var number, _] ? number : null;

    static string RoleOf(string site) => site.Split('.', 3) is ["layer", _, var role] ? role : site;

    /// <summary>What all parameters' names begin with: the attribute in which an exporter's wrapper held the encoder.</summary>
    static string Wrapper(OnnxGraph graph)
    {
        var names = graph.Initializers.Select(i => i.Name).Where(n => n.EndsWith(".weight", StringComparison.Ordinal) || n.EndsWith(".bias", StringComparison.Ordinal)).ToArray();
        var first = names.Length == 0 ? "" : names[0][..(names[0].IndexOf('.', StringComparison.Ordinal) + 1)];
        return names.All(n => n.StartsWith(first, StringComparison.Ordinal)) ? first : "";
    }
}
