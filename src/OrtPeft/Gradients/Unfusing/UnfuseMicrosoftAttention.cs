using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Attention as ONNX Runtime's optimizers write it for encoders.</summary>
static class UnfuseMicrosoftAttention
{
    /// <summary>com.microsoft.Attention: one projection for query, key and value; a mask of 0 and 1 or of lengths.</summary>
    internal static string?[] Packed(UnfuseScope s)
    {
        if (s.HasInput(4) || s.Attribute("do_rotary", 0) != 0)
            throw s.Error("uses past keys or rotary embedding");
        var packed = s.AddInput(s.MatMul(s.Input(0), s.Input(1)), 2);
        var width = s.ShapeOf(packed)[2] is { IsKnown: true } known ? known.Value : throw s.Error("has a projection of unknown width");
        long[] sizes = s.Current.Ints("qkv_hidden_sizes")?.ToArray() ?? [width / 3, width / 3, width / 3];
        var parts = s.Split(packed, 2, sizes);
        return [Build(s, parts[0], parts[1], parts[2], mask: 3, bias: 5)];
    }

    /// <summary>com.microsoft.MultiHeadAttention: query, key and value in three dimensions each.</summary>
    internal static string?[] MultiHead(UnfuseScope s)
    {
        if (!s.HasInput(1) || !s.HasInput(2) || s.RankOf(s.Input(1)) != 3 || s.HasInput(6))
            throw s.Error("has packed keys and values or past keys");
        string[] parts = [s.Input(0), s.Input(1), s.Input(2)];
        if (s.HasInput(3))
        {
            var widths = parts.Select(p => s.ShapeOf(p)[2] is { IsKnown: true } known ? known.Value : throw s.Error("has inputs of unknown width"));
            parts = [.. parts.Zip(s.Split(s.Input(3), 0, [.. widths]), s.Add)];
        }
        return [Build(s, parts[0], parts[1], parts[2], mask: 4, bias: 5)];
    }

    static string Build(UnfuseScope s, string query, string key, string value, int mask, int bias)
    {
        var heads = s.Attribute("num_heads", 1);
        var q = UnfuseAttention.Heads(s, query, heads);
        var k = UnfuseAttention.Heads(s, key, heads);
        var v = UnfuseAttention.Heads(s, value, heads);
        var size = s.ShapeOf(q)[3] is { IsKnown: true } known ? known.Value : throw s.Error("has heads of unknown size");
        var scale = s.Attribute("scale", 0f) is not 0 and var given ? given : 1 / Math.Sqrt(size);
        var scores = s.Mul(s.MatMul(q, s.SwapLastTwo(k)), scale);
        if (s.HasInput(mask))
            scores = s.Add(scores, Mask(s, s.Input(mask), scores));
        scores = s.AddInput(scores, bias);
        if (s.Attribute("unidirectional", 0) != 0)
            scores = Causal(s, scores);
        return UnfuseAttention.MergeHeads(s, s.MatMul(s.Softmax(scores), v));
    }

    /// <summary>0 where a key counts, a large negative number where not: [batch, 1, 1, keys] or [batch, 1, queries, keys].</summary>
    static string Mask(UnfuseScope s, string mask, string scores)
    {
        var filter = s.Attribute("mask_filter_value", -10000f);
        string kept;
        switch (s.RankOf(mask))
        {
            case 1 when s.ShapeOf(mask)[0].Same(s.ShapeOf(scores)[0]):
                var positions = s.Range(s.Constant(0L), s.Squeeze(s.DimOf(scores, 3), 0));
                kept = s.Unsqueeze(s.Less(positions, s.Unsqueeze(s.Cast(mask, OnnxType.Int64), 1)), 1, 2);
                break;
            case 2:
                kept = s.Unsqueeze(s.Cast(mask, OnnxType.Bool), 1, 2);
                break;
            case 3:
                kept = s.Unsqueeze(s.Cast(mask, OnnxType.Bool), 1);
                break;
            default:
                throw s.Error($"has a mask of shape [{string.Join(", ", s.ShapeOf(mask))}]");
        }
        return s.Where(kept, s.Scalar(0, scores), s.Scalar(filter, scores));
    }

    static string Causal(UnfuseScope s, string scores)
    {
        var row = s.Unsqueeze(s.Range(s.Constant(0L), s.Squeeze(s.DimOf(scores, 2), 0)), 1);
        var column = s.Range(s.Constant(0L), s.Squeeze(s.DimOf(scores, 3), 0));
        return s.Where(s.Greater(column, row), s.Scalar(s.Attribute("mask_filter_value", -10000f), scores), scores);
    }
}
