namespace OrtPeft;

/// <summary>The sites of an encoder as a list of names.</summary>
static class EncoderSites
{
    /// <summary>All sites in the graph's order; sites that a graph of this kind has not (a gate in a plain network) are left out.</summary>
    internal static IEnumerable<EncoderSite> All(EncoderAnatomy anatomy)
    {
        var entry = anatomy.Entry;
        EncoderSite?[] sites =
        [
            Embedding("embeddings.word", entry.Words), Embedding("embeddings.position", entry.Positions), Embedding("embeddings.token-type", entry.Types),
            Embedding("embeddings.patch", entry.Patches), Embedding("embeddings.class-token", entry.ClassToken),
            Norm(anatomy, null, "embeddings.norm", entry.Norm), Linear(anatomy, null, "embeddings.projection", entry.Projection),
            Norm(anatomy, null, "embeddings.relative-norm", entry.RelativeNorm),
            .. anatomy.Layers.SelectMany(l => Layer(anatomy, l)),
            anatomy.Layers is [.., var last] && last.Output != anatomy.LastHiddenState ? Hidden(anatomy, "last-layer-output", last.Index, last.Output, last.Index + 1) : null,
            Norm(anatomy, null, "final-norm", anatomy.FinalNorm),
            new EncoderSite(FeatureSite.LastHiddenState, "hidden", null, anatomy.LastHiddenState),
            Linear(anatomy, null, "pooler", anatomy.Pooler),
        ];
        return sites.OfType<EncoderSite>();
    }

    static IEnumerable<EncoderSite?> Layer(EncoderAnatomy anatomy, EncoderLayer layer)
    {
        EncoderSite? L(string role, LinearSite? linear) => Linear(anatomy, layer, role, linear);
        IEnumerable<EncoderSite?> Branch(EncoderSite? norm, params EncoderSite?[] linears) => layer.NormStyle == NormStyle.Pre ? linears.Prepend(norm) : linears.Append(norm);
        return
        [
            Hidden(anatomy, $"layer.{layer.Index}", layer.Index, layer.Input, layer.Index),
            .. Branch(Norm(anatomy, layer, "norm.attention", layer.AttentionNorm), L("attention.qkv", layer.QueryKeyValue), L("attention.q", layer.Query), L("attention.k", layer.Key),
                L("attention.v", layer.Value), L("attention.relative-q", layer.RelativeQuery), L("attention.relative-k", layer.RelativeKey), L("attention.o", layer.AttentionOutput)),
            .. Branch(Norm(anatomy, layer, "norm.ffn", layer.FeedForwardNorm), L("ffn.in", layer.FeedForwardIn), L("ffn.gate", layer.FeedForwardGate), L("ffn.out", layer.FeedForwardOut)),
        ];
    }

    static EncoderSite Hidden(EncoderAnatomy anatomy, string name, int layer, string? tensor, int state) =>
        new(name, "hidden", layer, tensor) { Reason = tensor is null ? anatomy.Missing.GetValueOrDefault($"layer.{state}") : null };

    static EncoderSite? Linear(EncoderAnatomy anatomy, EncoderLayer? layer, string role, LinearSite? linear) =>
        Site(anatomy, layer, role, linear?.Output, linear?.FusedInto is { } op ? $"fused into {op}: the output of this layer is no tensor of the graph; what needs it can use the unfused graph" : null) is { } site
            && (linear is not null || site.Reason is not null) ? site with { Linear = linear } : null;

    static EncoderSite? Norm(EncoderAnatomy anatomy, EncoderLayer? layer, string role, NormSite? norm) =>
        Site(anatomy, layer, role, norm?.Output, null) is { } site && (norm is not null || site.Reason is not null) ? site with { Norm = norm } : null;

    static EncoderSite? Embedding(string name, EmbeddingSite? embedding) => embedding is null ? null : new EncoderSite(name, name, null, embedding.Output)
    {
        Embedding = embedding,
        Reason = embedding.Output is null ? $"{embedding.Table.Node.OpType} uses it without a tensor of its own" : null,
    };

    static EncoderSite Site(EncoderAnatomy anatomy, EncoderLayer? layer, string role, string? tensor, string? reason)
    {
        var name = layer is null ? role : $"layer.{layer.Index}.{role}";
        return new EncoderSite(name, role, layer?.Index, tensor) { Reason = reason ?? anatomy.Missing.GetValueOrDefault(name) };
    }
}
