namespace OrtPeft;

/// <summary>y' = scale * y + shift behind every linear layer and norm.</summary>
static class Ssf
{
    internal static void Hook(HookScope scope, SsfOptions options)
    {
        foreach (var (name, linear) in Linears(scope, options))
        {
            var (scale, shift) = Train(scope, name, linear.OutWidth);
            scope.After(linear, name, y => scope.Graph.Add(scope.Graph.Mul(y, scale), shift));
        }
        foreach (var (name, norm) in scope.Norms(options.Layers))
        {
            var (scale, shift) = Train(scope, name, scope.Graph.ShapeOf(norm.Output)[^1].Value);
            scope.After(norm.Output, y => scope.Graph.Add(scope.Graph.Mul(y, scale), shift));
        }
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

    static (string Scale, string Shift) Train(HookScope scope, string name, long width) =>
        (scope.Train($"{name}.scale", Initial.Ones, width), scope.Train($"{name}.shift", Initial.Zeros, width));
}
