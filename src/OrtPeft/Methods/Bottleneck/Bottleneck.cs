namespace OrtPeft;

/// <summary>A small network with a residual connection in or beside the layers.</summary>
static class Bottleneck
{
    internal static void Hook(HookScope scope, BottleneckOptions options)
    {
        var g = scope.Graph;
        foreach (var (name, layer) in scope.Layers(options.Layers))
        {
            var end = scope.Require(layer.FeedForwardOut, $"{name}.{EncoderRoles.FeedForwardOut}");
            if (options.Placement == BottleneckPlacement.Parallel)
            {
                var start = scope.Require(layer.FeedForwardIn, $"{name}.{EncoderRoles.FeedForwardIn}");
                var beside = g.Mul(Network(scope, $"{name}.ffn", start.Input, start.InWidth, end.OutWidth, options), options.Scale);
                scope.Add(end, $"{name}.{EncoderRoles.FeedForwardOut}", _ => beside);
                continue;
            }
            if (options.Placement == BottleneckPlacement.Houlsby)
                Behind(scope.Require(layer.AttentionOutput, $"{name}.{EncoderRoles.AttentionOutput}"), $"{name}.attention", EncoderRoles.AttentionOutput);
            Behind(end, $"{name}.ffn", EncoderRoles.FeedForwardOut);
        }

        void Behind(LinearSite site, string name, string role) =>
            scope.After(site, $"{name[..name.LastIndexOf('.')]}.{role}", h => g.Add(h, Network(scope, name, h, site.OutWidth, site.OutWidth, options)));
    }

    static string Network(HookScope scope, string name, string x, int inWidth, int outWidth, BottleneckOptions options)
    {
        var g = scope.Graph;
        var down = scope.Train($"{name}.adapter.Wdown", Initial.Normal(0.02), inWidth, options.Size);
        var downBias = scope.Train($"{name}.adapter.bdown", Initial.Zeros, options.Size);
        var up = scope.Train($"{name}.adapter.Wup", Initial.Zeros, options.Size, outWidth);
        var upBias = scope.Train($"{name}.adapter.bup", Initial.Zeros, outWidth);
        return g.Add(g.MatMul(g.Gelu(g.Add(g.MatMul(x, down), downBias)), up), upBias);
    }
}
