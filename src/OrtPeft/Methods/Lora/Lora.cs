namespace OrtPeft;

/// <summary>A low-rank term beside chosen linear layers.</summary>
static class Lora
{
    internal static void Hook(HookScope scope, LoraOptions options)
    {
        var g = scope.Graph;
        foreach (var (name, site) in Targets(scope, options.Layers, options.Targets))
        {
            var (r, width) = (options.Rank, site.Columns.Sum(c => c.Count));
            // Kaiming-uniform with a = sqrt(5), as PyTorch starts a linear layer: within 1 / sqrt(in).
            var a = scope.Train($"{name}.lora_A", Initial.Uniform(1 / Math.Sqrt(site.InWidth)), r, site.InWidth);
            var b = scope.TrainAt(options.RateOfB, $"{name}.lora_B", Initial.Zeros, width, r);
            var x = scope.Dropout(site.Input, options.Dropout, Dropouts.Batch, Dropouts.Tokens, site.InWidth);
            var inner = g.Mul(g.MatMul(x, g.SwapLastTwo(a)), options.Scale);
            scope.Add(site, name, g.MatMul(inner, g.SwapLastTwo(b)));
        }
    }

    /// <summary>W' = W + scale (B A)^T.</summary>
    internal static void Fuse(HookScope scope, LoraOptions options)
    {
        foreach (var (name, site) in Targets(scope, options.Layers, options.Targets))
            scope.EditWeight(site, name, w => w.AddProduct(scope.Trained($"{name}.lora_A"), scope.Trained($"{name}.lora_B"), options.Scale));
    }

    /// <summary>The chosen linear layers with their names; a role that no layer has is an error.</summary>
    internal static IEnumerable<(string Name, LinearSite Site)> Targets(HookScope scope, int layers, string targets)
    {
        foreach (var role in EncoderRoles.Parse($"{LoraOptions.Name}: targets", targets))
        {
            var sites = scope.Layers(layers).Select(l => (Name: $"{l.Name}.{role}", Site: EncoderRoles.Linear(l.Layer, role))).ToArray();
            // A gate is not part of every network, so that `all` may do without.
            if (targets == "all" && sites.All(s => s.Site is null))
                continue;
            foreach (var (name, site) in sites)
                yield return (name, scope.Require(site, name));
        }
    }
}
