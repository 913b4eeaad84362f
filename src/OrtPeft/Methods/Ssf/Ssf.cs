namespace OrtPeft;

/// <summary>y' = scale * y + shift behind every linear layer and norm.</summary>
static class Ssf
{
    internal static void Hook(HookScope scope, SsfOptions options)
    {
        foreach (var (name, linear) in Linears(scope, options))
            scope.After(linear, name, y => Shifted(scope, name, y, linear.OutWidth));
        foreach (var (name, norm) in scope.Norms(options.Layers))
            scope.After(norm.Output, y => Shifted(scope, name, y, (int)scope.Graph.ShapeOf(y)[^1].Value));
    }

    /// <summary>Factors go into columns and norm scales, shifts into biases; where there is no bias the shift stays.</summary>
    internal static void Fuse(HookScope scope, SsfOptions options)
    {
        foreach (var (name, linear) in Linears(scope, options))
            scope.ScaleOutput(linear, name, scope.Trained($"{name}.scale"), scope.Trained($"{name}.shift"));
        foreach (var (name, norm) in scope.Norms(options.Layers))
        {
            var (scale, shift) = (scope.Trained($"{name}.scale"), scope.Trained($"{name}.shift"));
            if (norm.Scale is { } gamma)
                scope.EditVector(gamma, $"{name}.weight", (v, i) => v * scale[i]);
            if (norm.Bias is { } beta)
                scope.EditVector(beta, $"{name}.bias", (v, i) => v * scale[i] + shift[i]);
            else
                scope.After(norm.Output, y => scope.Graph.Add(y, scope.Graph.Constant(shift, shift.Length)));
        }
    }

    static IEnumerable<(string Name, LinearSite Site)> Linears(HookScope scope, SsfOptions options) =>
        scope.Layers(options.Layers).SelectMany(l => EncoderRoles.Linears(l.Layer).Select(linear => ($"{l.Name}.{linear.Role}", linear.Site)));

    static string Shifted(HookScope scope, string name, string y, int width)
    {
        var scale = scope.Train($"{name}.scale", Initial.Ones, width);
        var shift = scope.Train($"{name}.shift", Initial.Zeros, width);
        return scope.Graph.Add(scope.Graph.Mul(y, scale), shift);
    }
}
