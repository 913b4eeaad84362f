namespace OrtPeft;

/// <summary>b' = b + delta at the biases of the layers; delta starts at 0 and is what weight decay pulls on. What is pruned stays at b.</summary>
static class BiasDeltas
{
    const string Suffix = ".delta";

    internal static bool Has(string tensor) => tensor.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>The bias's module, such as "layer.3.attention.q".</summary>
    internal static string ModuleOf(string tensor) => tensor[..^(".bias".Length + Suffix.Length)];

    internal static void Hook(HookScope scope, NasOptions options, string biases)
    {
        var g = scope.Graph;
        foreach (var (name, site, places) in Kept(scope, options, biases))
        {
            var length = (int)site.Tensor.ElementCount;
            var delta = scope.TrainAt(options.Rate, name, Initial.Zeros, places?.Length ?? length);
            scope.AddTo(site, places is null ? delta : SparseValues.Write(g, new float[length], places, delta));
        }
    }

    internal static void Fuse(HookScope scope, NasOptions options, string biases)
    {
        foreach (var (name, site, places) in Kept(scope, options, biases))
        {
            var delta = scope.Trained(name);
            scope.EditVector(site, name, (b, i) => b + delta[i], places);
        }
    }

    /// <summary>The biases that something was kept of, and which entries; null for all.</summary>
    static IEnumerable<(string Name, ParameterSite Site, int[]? Places)> Kept(HookScope scope, NasOptions options, string biases)
    {
        var survivors = new Survivors(options.Found);
        foreach (var (bias, site) in BitFit.Chosen(scope, options.Method, options.Layers, biases))
        {
            var (name, length) = (bias + Suffix, (int)site.Tensor.ElementCount);
            var whole = options.Unit == SearchUnit.Structured;
            var units = survivors.Of(name, whole ? 1 : length);
            if (units.Length > 0)
                yield return (name, site, whole || units.Length == length ? null : units);
        }
    }
}
