namespace OrtPeft;

/// <summary>y' = l * (x W^T + b) at the targets, y' = (l * x) W^T + b at the feed-forward targets.</summary>
static class Ia3
{
    internal static void Hook(HookScope scope, Ia3Options options)
    {
        foreach (var (name, _, site) in Lora.Targets(scope, options.Layers, options.Targets))
        {
            var factor = scope.Train($"{name}.scale", Initial.Ones, site.Columns.Sum(c => c.Count));
            scope.After(site, name, y => scope.Graph.Mul(y, factor));
        }
        foreach (var (name, _, site) in Lora.Targets(scope, options.Layers, options.FeedForward))
        {
            var factor = scope.Train($"{name}.input.scale", Initial.Ones, site.InWidth);
            scope.Before(site, name, x => scope.Graph.Mul(x, factor));
        }
    }

    /// <summary>Factors of outputs go into columns and biases, factors of inputs into rows.</summary>
    internal static void Fuse(HookScope scope, Ia3Options options)
    {
        foreach (var (name, _, site) in Lora.Targets(scope, options.Layers, options.Targets))
            scope.ScaleOutput(site, name, scope.Trained($"{name}.scale"));
        foreach (var (name, _, site) in Lora.Targets(scope, options.Layers, options.FeedForward))
            scope.EditWeight(site, name, w => w.ScaleRows(scope.Trained($"{name}.input.scale")));
    }
}
