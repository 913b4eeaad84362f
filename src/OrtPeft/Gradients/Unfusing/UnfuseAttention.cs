using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>The standard Attention operator (opset 23): softmax(scale Q K^T + mask) V, by heads.</summary>
static class UnfuseAttention
{
    internal static string?[] Standard(UnfuseScope s)
    {
        var q = Heads(s, s.Input(0), s.Attribute("q_num_heads", 0));
        var k = WithPast(s, 4, Heads(s, s.Input(1), s.Attribute("kv_num_heads", 0)));
        var v = WithPast(s, 5, Heads(s, s.Input(2), s.Attribute("kv_num_heads", 0)));
        var groups = Dim.Divide(s.ShapeOf(q)[1], s.ShapeOf(k)[1]);
        var (keys, values) = groups.Is(1) ? (k, v) : (RepeatHeads(s, k, groups), RepeatHeads(s, v, groups));
        var scale = s.Current.Attribute("scale")?.Float ?? 1 / Math.Sqrt(Length(s, s.ShapeOf(q)[3]));
        var product = s.Mul(s.MatMul(q, s.SwapLastTwo(keys)), scale);
        var scores = Capped(s, Masked(s, product));
        var probability = s.Softmax(scores);
        var context = s.MatMul(probability, values);
        var inspected = s.Attribute("qk_matmul_output_mode", 0) switch { 0 => product, 3 => probability, _ => null };
        return [s.RankOf(s.Input(0)) == 4 ? context : MergeHeads(s, context), k, v, inspected];
    }

    /// <summary>[batch, sequence, heads * size] as [batch, heads, sequence, size].</summary>
    internal static string Heads(UnfuseScope s, string x, long heads)
    {
        if (s.RankOf(x) == 4)
            return x;
        var width = s.ShapeOf(x)[2];
        var size = width.IsKnown ? width.Value / heads : -1;
        return s.Transpose(s.Reshape(x, 0, 0, heads, size), 0, 2, 1, 3);
    }

    /// <summary>[batch, heads, sequence, size] as [batch, sequence, heads * size].</summary>
    internal static string MergeHeads(UnfuseScope s, string x)
    {
        var width = Dim.Multiply(s.ShapeOf(x)[1], s.ShapeOf(x)[3]);
        return s.Reshape(s.Transpose(x, 0, 2, 1, 3), 0, 0, width.IsKnown ? width.Value : -1);
    }

    static string WithPast(UnfuseScope s, int input, string x) => s.HasInput(input) ? s.Concat(2, s.Input(input), x) : x;

    /// <summary>Grouped queries: each key head serves several query heads in a row.</summary>
    static string RepeatHeads(UnfuseScope s, string x, Dim groups)
    {
        var dims = Enumerable.Range(0, 4).Select(i => s.DimOf(x, i)).ToArray();
        var repeat = s.Concat(0, dims[0], dims[1], s.Vector(Length(s, groups)), dims[2], dims[3]);
        var heads = s.Mul(dims[1], s.Vector(Length(s, groups)));
        return s.Reshape(s.Expand(s.Unsqueeze(x, 2), repeat), s.Concat(0, dims[0], heads, dims[2], dims[3]));
    }

    /// <summary>
    /// A bool mask keeps where true, a float mask is added; causal: no key after the query. Masked scores are finite, so an empty row
    /// gives no NaN.
    /// </summary>
    static string Masked(UnfuseScope s, string scores)
    {
        var lowest = s.Scalar(s.TypeOf(scores) == OnnxType.Float16 ? (double)Half.MinValue : float.MinValue, scores);
        if (s.HasInput(3))
        {
            var mask = s.Input(3);
            scores = s.TypeOf(mask) == OnnxType.Bool ? s.Where(mask, scores, lowest) : s.Add(scores, s.Cast(mask, s.TypeOf(scores)));
        }
        if (s.Attribute("is_causal", 0) == 0)
            return scores;
        var (queries, keys) = (s.DimOf(scores, 2), s.DimOf(scores, 3));
        var past = s.HasInput(4) ? s.DimOf(s.Input(4), 2) : s.Vector(0);
        var row = s.Unsqueeze(s.Add(s.Range(s.Constant(0L), s.Squeeze(queries, 0)), past), 1);
        var column = s.Range(s.Constant(0L), s.Squeeze(keys, 0));
        return s.Where(s.Greater(column, row), lowest, scores);
    }

    static string Capped(UnfuseScope s, string scores)
    {
        var cap = s.Attribute("softcap", 0f);
        return cap == 0 ? scores : s.Mul(s.Tanh(s.Mul(scores, 1 / cap)), cap);
    }

    static long Length(UnfuseScope s, Dim dim) => dim.IsKnown ? dim.Value : throw s.Error("has heads of unknown number or size");
}
