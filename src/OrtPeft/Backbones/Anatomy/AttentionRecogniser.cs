using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Finds attention: Softmax(q k') v in single operators, or one operator for all of it; and the projections around it.</summary>
static class AttentionRecogniser
{
    /// <summary>The role that stands for query, key and value when they are missing.</summary>
    const string All = "attention.qkv";

    /// <summary>Attention in the graph's order: one for each layer.</summary>
    internal static IEnumerable<AttentionSite> Find(EncoderGraph g) => g.Flow.Nodes.Select(node => node.Key switch
    {
        "Softmax" => OfSoftmax(g, node),
        "Attention" or "com.microsoft.MultiHeadAttention" => Of(g, node, [node.Input(0), node.Input(1), node.Input(2)], node.Output(0)),
        "com.microsoft.Attention" or "com.microsoft.QAttention" => OfPacked(g, node),
        _ => null,
    }).OfType<AttentionSite>();

    static AttentionSite? OfSoftmax(EncoderGraph g, OnnxNode softmax)
    {
        var context = Context(g, softmax.Output(0));
        if (context is null)
            return null;
        // A score may be a sum (content to content, content to position): the product whose both factors come from the hidden states counts.
        var products = g.Upstream(softmax.Input(0), t => IsProduct(g.Producer(t))).Select(g.Producer).OfType<OnnxNode>().Where(n => IsProduct(n)).ToArray();
        var scores = products.Where(n => n.Inputs.Take(2).All(i => g.LastLinears(i).Any())).ToArray();
        if (scores is not [var score])
            return new AttentionSite(softmax, context.Output(0)) { Missing = [(All, $"the scores of {softmax} are no single product of projected hidden states")] };
        var site = Of(g, softmax, [score.Input(0), score.Input(1), context.Input(1)], context.Output(0)) with { Scores = score };
        site = WithRelative(g, products, WithRelative(g, products, site, "attention.relative-k", site.Query), "attention.relative-q", site.Key);
        return site with { Query = site.Query?.SharedWith(site.RelativeQuery), Key = site.Key?.SharedWith(site.RelativeKey) };
    }

    /// <summary>Notes the projection of relative positions that one of the products multiplies with a projection of hidden states.</summary>
    static AttentionSite WithRelative(EncoderGraph g, OnnxNode[] products, AttentionSite site, string role, LinearSite? content)
    {
        if (content is null || products.Select(p => BesideContent(g, p, content)).FirstOrDefault(t => t is not null) is not { } positions)
            return site;
        var linear = EncoderGraph.Search(positions, t => g.LinearAt(t) is not null || g.Producer(t) is not { } node ? [] : node.Inputs).Select(g.LinearAt).FirstOrDefault(l => l is not null);
        if (linear is null)
            return site with { Missing = [.. site.Missing, (role, "an optimizer computed the projected relative positions ahead: they do not follow a change of the weight that made them")] };
        return role == "attention.relative-k" ? site with { RelativeKey = linear } : site with { RelativeQuery = linear };
    }

    /// <summary>The factor beside a projection of hidden states that does not depend on the data.</summary>
    static string? BesideContent(EncoderGraph g, OnnxNode product, LinearSite content) =>
        Enumerable.Range(0, 2).Where(i => !g.Flow.Carries(product.Input(1 - i)) && g.LastLinears(product.Input(i)).ToArray() is [var linear] && linear.Node == content.Node
            && PackedColumns.At(g, linear, product.Input(i))?.SequenceEqual(content.Columns) == true).Select(i => product.Input(1 - i)).FirstOrDefault();

    /// <summary>The product of the probabilities and the values; dropout, or zeros for rows that are masked wholly, may lie between.</summary>
    static OnnxNode? Context(EncoderGraph g, string probabilities) =>
        EncoderGraph.Search(probabilities, t => g.Index.Consumers(t).Where(u => u.Node.OpType is "Cast" or "Identity" or "Dropout" or "Where" or "Mul" or "Reshape").Select(u => u.Node.Output(0)))
            .SelectMany(g.Index.Consumers).FirstOrDefault(u => u.Input == 0 && IsProduct(u.Node)).Node;

    static AttentionSite Of(EncoderGraph g, OnnxNode node, string[] sides, string context)
    {
        var linears = sides.Select(s => g.LastLinears(s).ToArray()).ToArray();
        if (linears.Any(l => l.Length != 1))
            return new AttentionSite(node, context) { Missing = [(All, $"query, key and value of {node} do not each come from one linear layer")] };
        var parts = linears.Select((l, i) => linears.Count(o => o[0].Node == l[0].Node) == 1 ? l[0] : Part(g, l[0], sides[i])).ToArray();
        // The operator adds their biases itself.
        if (node.OpType == "MultiHeadAttention" && node.Input(3).Length > 0)
            parts = [.. parts.Select(p => p is null ? null : p with { Output = null, FusedInto = node.Key })];
        var heads = node.Attribute("num_heads")?.Int ?? node.Attribute("q_num_heads")?.Int ?? Heads(g, sides[0]);
        return new AttentionSite(node, context)
        {
            Query = parts[0],
            Key = parts[1],
            Value = parts[2],
            Packed = linears[0][0].Node == linears[1][0].Node ? linears[0][0].Whole : null,
            Heads = (int?)heads,
            Missing = parts.Contains(null) ? [(All, $"the columns of {linears[0][0].Node} that are query, key and value cannot be told")] : [],
        };
    }

    static LinearSite? Part(EncoderGraph g, LinearSite packed, string side) => PackedColumns.At(g, packed, side) is { } columns ? packed with { Columns = columns } : null;

    static AttentionSite OfPacked(EncoderGraph g, OnnxNode node)
    {
        if (LinearRecogniser.Packed(g, node) is not { } packed)
            return new AttentionSite(node, node.Output(0)) { Missing = [(All, $"the weight of {node} is no constant")] };
        var sizes = node.Ints("qkv_hidden_sizes") ?? [.. Enumerable.Repeat(packed.OutWidth / 3L, 3)];
        if (sizes.Count != 3 || sizes.Any(s => s <= 0) || sizes.Sum() != packed.OutWidth)
            return new AttentionSite(node, node.Output(0)) { Missing = [(All, $"the parts of {node} do not make up its {packed.OutWidth} columns")] };
        LinearSite Columns(int part) => packed with { Columns = [new((int)sizes.Take(part).Sum(), (int)sizes[part])] };
        return new AttentionSite(node, node.Output(0)) { Packed = packed, Query = Columns(0), Key = Columns(1), Value = Columns(2), Heads = (int)node.Int("num_heads", 0) };
    }

    /// <summary>The heads are the last dimension but one of what the query projection is reshaped to.</summary>
    static long? Heads(EncoderGraph g, string side) =>
        g.Upstream(side, t => g.LinearAt(t) is not null).Where(t => g.Producer(t) is { OpType: "Reshape" }).Select(g.ShapeOf).LastOrDefault(s => s is { Count: > 3 } && s[^2].IsKnown)?[^2].Value;

    static bool IsProduct(OnnxNode? node) => node is { OpType: "MatMul" or "FusedMatMul" };
}

/// <summary>One attention and the projections before it.</summary>
/// <param name="Node">The Softmax, or the operator that is all of it.</param>
/// <param name="Context">What it writes: the weighted values.</param>
sealed record AttentionSite(OnnxNode Node, string Context)
{
    internal LinearSite? Query { get; init; }

    internal LinearSite? Key { get; init; }

    internal LinearSite? Value { get; init; }

    /// <summary>The product of queries and keys; null where one operator is all of attention.</summary>
    internal OnnxNode? Scores { get; init; }

    /// <summary>The product that computes them together, if one does.</summary>
    internal LinearSite? Packed { get; init; }

    internal LinearSite? RelativeQuery { get; init; }

    internal LinearSite? RelativeKey { get; init; }

    internal int? Heads { get; init; }

    /// <summary>What is missing, and why.</summary>
    internal IReadOnlyList<(string Role, string Reason)> Missing { get; init; } = [];
}
