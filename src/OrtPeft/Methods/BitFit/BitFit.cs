namespace OrtPeft;

/// <summary>b' = b + delta at every bias of the layers; what is trained is b' itself.</summary>
static class BitFit
{
    internal static void Hook(HookScope scope, BitFitOptions options)
    {
        foreach (var (name, site) in Chosen(scope, BitFitOptions.Name, options.Layers, options.Biases))
            scope.TrainInPlace(name, site);
    }

    /// <summary>The biases that an option of <paramref name="method"/> names: `all`, or roles with commas between.</summary>
    /// <exception cref="OrtPeftException">There are none.</exception>
    internal static IEnumerable<(string Name, ParameterSite Site)> Chosen(HookScope scope, string method, int layers, string biases)
    {
        var all = scope.Layers(layers).SelectMany(l => Biases(l.Layer).Select(b => (b.Role, Name: $"{l.Name}.{b.Role}.bias", b.Site))).ToArray();
        var roles = biases.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var chosen = roles is ["all"] ? all : [.. all.Where(b => roles.Contains(b.Role))];
        if (all.Length == 0)
            throw new OrtPeftException($"{method}: the layers of '{scope.Backbone.Name}' have no biases. Choose another method, such as {LayerNormOptions.Name}.");
        if (chosen.Length == 0 || (roles is not ["all"] && roles.Any(r => all.All(b => b.Role != r))))
            throw new OrtPeftException($"{method}: biases is '{biases}'; the tuned layers of '{scope.Backbone.Name}' have {string.Join(", ", all.Select(b => b.Role).Distinct())}. Choose among those.");
        return chosen.Select(b => (b.Name, b.Site));
    }

    static IEnumerable<(string Role, ParameterSite Site)> Biases(EncoderLayer layer) =>
        EncoderRoles.Linears(layer).Select(l => (l.Role, l.Site.Bias)).Concat(EncoderRoles.Norms(layer).Select(n => (n.Role, n.Site.Bias)))
            .Where(b => b.Bias is not null).Select(b => (b.Role, b.Bias!));
}
