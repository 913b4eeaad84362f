namespace OrtPeft;

/// <summary>y' = scale * y + shift behind every linear layer and norm.</summary>
static class Ssf
{
    internal static void Hook(HookScope scope, SsfOptions options)
    {
        if (options.Layers == 0 && scope.Anatomy.Entry.Norm is { } embeddings)
            After(scope, "embeddings.norm", embeddings);
        foreach (var (name, layer) in scope.Layers(options.Layers))
        {
            foreach (var (role, linear) in EncoderRoles.Linears(layer))
                scope.After(linear, $"{name}.{role}", y => Shifted(scope, $"{name}.{role}", y, linear.OutWidth));
            foreach (var (role, norm) in EncoderRoles.Norms(layer))
                After(scope, $"{name}.{role}", norm);
        }
        if (scope.Anatomy.FinalNorm is { } final)
            After(scope, "final.norm", final);
    }

    static void After(HookScope scope, string name, NormSite norm) =>
        scope.After(norm.Output, y => Shifted(scope, name, y, (int)scope.Graph.ShapeOf(y)[^1].Value));

    static string Shifted(HookScope scope, string name, string y, int width)
    {
        var scale = scope.Train($"{name}.scale", Initial.Ones, width);
        var shift = scope.Train($"{name}.shift", Initial.Zeros, width);
        return scope.Graph.Add(scope.Graph.Mul(y, scale), shift);
    }
}
