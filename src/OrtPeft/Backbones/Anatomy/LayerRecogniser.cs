namespace OrtPeft;

/// <summary>Puts one layer together around its attention: output projection, residual sums, norms, feed-forward network.</summary>
static class LayerRecogniser
{
    /// <summary>The layer; what is not found gets its reason in <paramref name="missing"/>.</summary>
    internal static EncoderLayer Find(EncoderGraph g, AttentionSite attention, int index, Dictionary<string, string> missing)
    {
        var layer = new EncoderLayer
        {
            Index = index,
            Attention = attention,
            Query = attention.Query,
            Key = attention.Key,
            Value = attention.Value,
            QueryKeyValue = attention.Packed,
            RelativeQuery = attention.RelativeQuery,
            RelativeKey = attention.RelativeKey,
            AttentionOutput = g.NextLinears(attention.Context).FirstOrDefault(),
            Heads = attention.Heads,
            HeadWidth = attention is { Heads: > 0 and var heads, Query: { } query } ? query.Columns.Sum(c => c.Count) / heads : null,
        };
        foreach (var (role, reason) in attention.Missing)
            missing[Name(index, role)] = reason;
        if (layer.AttentionOutput is null || Residual.Behind(g, layer.AttentionOutput) is not { } first)
        {
            missing[Name(index, "attention.o")] = $"behind {attention.Node} there is no linear layer with a residual sum";
            return layer;
        }
        layer = layer with { Input = first.Trunk };
        var read = (attention.Query ?? attention.Packed) is { } projection ? g.Source(projection) : null;
        var feedForward = (first.Norm is { } norm ? FeedForwardRecogniser.Find(g, norm.Output) : null) ?? (first.Sum is { } sum ? FeedForwardRecogniser.Find(g, sum) : null);
        if (feedForward is null)
        {
            missing[Name(index, "ffn.in")] = $"behind the attention of layer {index} there is no linear layer, activation and linear layer with a residual sum";
            return layer;
        }
        var isPre = first.Sum is not null && feedForward.Residual.Trunk == g.Origin(first.Sum);
        if (feedForward.Reason is { } unclear)
            missing[Name(index, "ffn.gate")] = unclear;
        layer = layer with
        {
            NormStyle = isPre ? NormStyle.Pre : NormStyle.Post,
            AttentionNorm = !isPre ? first.Norm : read is not null && read != layer.Input ? g.NormAt(read) : null,
            FeedForwardNorm = isPre ? first.Norm : feedForward.Residual.Norm,
            FeedForwardIn = feedForward.In,
            FeedForwardGate = feedForward.Gate,
            FeedForwardOut = feedForward.Out,
            Output = isPre ? feedForward.Residual.Sum : feedForward.Residual.Norm?.Output,
        };
        if (layer.AttentionNorm is null)
            missing[Name(index, "norm.attention")] = $"layer {index} has no norm of its own before its attention";
        if (layer.FeedForwardNorm is null)
            missing[Name(index, "norm.ffn")] = $"layer {index} has no norm of its own before its feed-forward network";
        if (layer.Output is null)
            missing[$"layer.{index + 1}"] = "the hidden states are fused into a norm and are no tensor of this graph";
        return layer;
    }

    static string Name(int layer, string role) => $"layer.{layer}.{role}";
}
