namespace OrtPeft;

/// <summary>b' = b + delta at every bias of the layers; what is trained is b' itself.</summary>
static class BitFit
{
    internal static void Hook(HookScope scope, BitFitOptions options)
    {
        foreach (var (name, site) in Chosen(scope, options))
            scope.TrainInPlace(name, site);
    }

    static IEnumerable<(string Name, ParameterSite Site)> Chosen(HookScope scope, BitFitOptions options)
    {
        var all = scope.Layers(options.Layers).SelectMany(l => Biases(l.Layer).Select(b => (b.Role, Name: $"{l.Name}.{b.Role}.bias", b.Site))).ToArray();
        var roles = options.Biases.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var chosen = roles is ["all"] ? all : [.. all.Where(b => roles.Contains(b.Role))];
        if (all.Length == 0)
            throw new OrtPeftException($"bitfit: the layers of '{scope.Backbone.Name}' have no biases. Choose another method, such as {LayerNormOptions.Name}.");
        if (chosen.Length == 0 || (roles is not ["all"] && roles.Any(r => all.All(b => b.Role != r))))
            throw new OrtPeftException($"bitfit: biases is '{options.Biases}'; the tuned layers of '{scope.Backbone.Name}' have {string.Join(", ", all.Select(b => b.Role).Distinct())}. Choose among those.");
        return chosen.Select(b => (b.Name, b.Site));
    }

    static IEnumerable<(string Role, ParameterSite Site)> Biases(EncoderLayer layer) =>
        EncoderRoles.Linears(layer).Select(l => (l.Role, l.Site.Bias)).Concat(EncoderRoles.Norms(layer).Select(n => (n.Role, n.Site.Bias)))
            .Where(b => b.Bias is not null).Select(b => (b.Role, b.Bias!));
}
