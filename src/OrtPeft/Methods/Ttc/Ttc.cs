using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A place that TTC maps channels at: a tensor with a name, or a linear layer that writes it.</summary>
/// <param name="Name">What the names of its tensors begin with, such as "layer.3.ttc.attn".</param>
/// <param name="Tensor">The tensor whose channels are scored; null where it is a linear layer's output that is no tensor of the graph.</param>
/// <param name="Columns">The channels of the tensor that belong to the place.</param>
/// <param name="Linear">The linear layer; null for the residual stream.</param>
/// <param name="Site">The name of the linear layer.</param>
sealed record TtcPlace(string Name, string? Tensor, ColumnRange Columns, LinearSite? Linear, string Site);

/// <summary>The graph edits of TTC.</summary>
static class Ttc
{
    /// <summary>Trains the norms, or gives them the values of the first stage.</summary>
    internal static void HookNorms(HookScope scope, TtcOptions options)
    {
        if (!options.IsBare && (options.TuneNorms || options.Stage == TtcStage.First))
        {
            LayerNormTuning.Hook(scope, options.Layers);
            return;
        }
        foreach (var (name, site) in Parameters(scope, options.Layers))
        {
            if (options.IsBare)
                scope.Freeze(site, new TrainedTensor(name, site.Tensor.Dims, site.Tensor.ToFloats()));
            else if (options.Found is { } found && options.Stage == TtcStage.Both)
                scope.Freeze(site, found.Value(name, site.Tensor.Dims));
        }
    }

    /// <summary>f[S] + s (f[S] W + b) at every place.</summary>
    internal static void HookMaps(HookScope scope, TtcOptions options)
    {
        foreach (var place in Places(scope, options))
        {
            if (place.Linear is { } linear)
                scope.After(linear, place.Site, f => Mapped(scope, place, f, options));
            else
                scope.After(scope.Require(place.Tensor, place.Site), f => Mapped(scope, place, f, options));
        }
    }

    /// <summary>W' = W T and b' = b T + t with T = I + s P^T W_map P and t = s P^T b_map, P choosing the channels; on the residual stream the maps stay.</summary>
    internal static void FuseMaps(HookScope scope, TtcOptions options)
    {
        if (options.Position == TtcPosition.Attn)
        {
            HookMaps(scope, options);
            return;
        }
        foreach (var place in Places(scope, options))
        {
            var linear = place.Linear!;
            var chosen = Channels(place, options);
            var (w, b) = (scope.Trained($"{place.Name}.W"), scope.Trained($"{place.Name}.b"));
            scope.EditWeight(linear, place.Site, weight =>
            {
                for (var row = 0; row < weight.Rows; row++)
                    Map(chosen, w, null, options.Scale, i => weight[row, i], (i, value) => weight[row, i] = value);
            });
            var bias = new float[place.Columns.Count];
            linear.Bias?.Tensor.ToFloats().AsSpan(place.Columns.Start, bias.Length).CopyTo(bias);
            Map(chosen, w, b, options.Scale, i => bias[i], (i, value) => bias[i] = value);
            if (linear.Bias is { } site)
                scope.EditVector(site, place.Site, (_, i) => bias[i], [.. Enumerable.Range(place.Columns.Start, bias.Length)]);
            else
                scope.Add(linear, place.Site, _ => scope.Graph.Constant(bias, bias.Length));
        }
    }

    /// <summary>The places of the tuned layers.</summary>
    /// <exception cref="OrtPeftException">One was not found.</exception>
    internal static IEnumerable<TtcPlace> Places(HookScope scope, TtcOptions options) => scope.Layers(options.Layers).SelectMany(l => options.Position switch
    {
        TtcPosition.Attn => [new TtcPlace($"{l.Name}.ttc.attn", l.Layer.AfterAttention, new ColumnRange(0, scope.Backbone.Hidden), null, $"{l.Name} behind attention")],
        TtcPosition.Mlp => [Linear(l, EncoderRoles.FeedForwardOut, "mlp")],
        _ => (IEnumerable<TtcPlace>)[Linear(l, EncoderRoles.Query, "q"), Linear(l, EncoderRoles.Value, "v")],
    });

    static TtcPlace Linear((string Name, EncoderLayer Layer) l, string role, string place)
    {
        var site = $"{l.Name}.{role}";
        return EncoderRoles.Linear(l.Layer, role) is { Columns: [var columns] } linear
            ? new TtcPlace($"{l.Name}.ttc.{place}", linear.Output, columns, linear.Alone, site) // channels of the hidden states, not of relative positions
            : throw new OrtPeftException($"ttc: the site {site} was not found in one piece. Choose position=attn, or another method; `ortpeft inspect --sites` lists what there is.");
    }

    /// <summary>The channels of a place that were chosen; before any were, the first.</summary>
    static int[] Channels(TtcPlace place, TtcOptions options)
    {
        var count = options.ChannelsOf(place.Columns.Count);
        return options.Found is { } found ? found.PlacesOf($"{place.Name}.channels", place.Columns.Count, count) : [.. Enumerable.Range(0, count)];
    }

    /// <summary>Products with 0 and 1 take the channels out and put them back: on processors they and their gradients are faster than gathering along the last axis.</summary>
    static string Mapped(HookScope scope, TtcPlace place, string f, TtcOptions options)
    {
        var (g, width, chosen) = (scope.Graph, place.Columns.Count, Channels(place, options));
        var (take, put) = (new float[width * chosen.Length], new float[width * chosen.Length]);
        for (var k = 0; k < chosen.Length; k++)
            (take[chosen[k] * chosen.Length + k], put[k * width + chosen[k]]) = (1, (float)options.Scale);
        var w = scope.Train($"{place.Name}.W", options.Init == TtcInit.Zero ? Initial.Zeros : Initial.Normal(0.02), chosen.Length, chosen.Length);
        var b = scope.Train($"{place.Name}.b", Initial.Zeros, chosen.Length);
        var z = g.MatMul(f, g.Constant(take, width, chosen.Length));
        return g.Add(f, g.MatMul(g.Add(g.MatMul(z, w), b), g.Constant(put, chosen.Length, width)));
    }

    /// <summary>x[S] + s (x[S] W + b), in place.</summary>
    static void Map(int[] chosen, float[] w, float[]? b, double scale, Func<int, float> read, Action<int, float> write)
    {
        var z = Array.ConvertAll(chosen, c => (double)read(c));
        for (var j = 0; j < chosen.Length; j++)
        {
            double sum = b?[j] ?? 0;
            for (var i = 0; i < chosen.Length; i++)
                sum += z[i] * w[i * chosen.Length + j];
            write(chosen[j], (float)(z[j] + scale * sum));
        }
    }

    static IEnumerable<(string Name, ParameterSite Site)> Parameters(HookScope scope, int layers) => scope.Norms(layers).SelectMany(n =>
        new[] { ($"{n.Name}.weight", n.Norm.Scale), ($"{n.Name}.bias", n.Norm.Bias) }).Where(p => p.Item2 is not null).Select(p => (p.Item1, p.Item2!));
}
