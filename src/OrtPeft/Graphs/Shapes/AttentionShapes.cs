namespace OrtPeft.Graphs.Shapes;

/// <summary>Attention, the standard operator and ONNX Runtime's own.</summary>
static class AttentionShapes
{
    /// <summary>Opset 23: Q, K, V as [batch, heads, sequence, size] or [batch, sequence, heads * size].</summary>
    internal static void Standard(ShapeContext c)
    {
        var type = c.Type(0);
        if (c.Shape(0) is not { } q || c.Shape(1) is not { } k || c.Shape(2) is not { } v)
        {
            for (var i = 0; i < 4; i++)
                c.Set(i, type, null);
            return;
        }
        var queries = Heads(c, q, "q_num_heads");
        var keys = Heads(c, k, "kv_num_heads");
        var values = Heads(c, v, "kv_num_heads");
        var total = c.Has(4) && c.Shape(4) is [_, _, var past, _] ? Dim.Add(past, keys[2]) : keys[2];
        c.Set(0, type, q.Length == 4 ? [.. q[..3], v[3]] : [q[0], q[1], Dim.Multiply(queries[1], values[3])]);
        c.Set(1, type, [keys[0], keys[1], total, keys[3]]);
        c.Set(2, type, [values[0], values[1], total, values[3]]);
        c.Set(3, type, [queries[0], queries[1], queries[2], total]);
    }

    /// <summary>com.microsoft.Attention: one input, packed projection weights.</summary>
    internal static void Packed(ShapeContext c)
    {
        var width = c.Node.Ints("qkv_hidden_sizes") is [_, _, var values] ? values
            : c.Shape(2) is [var bias] ? Dim.Divide(bias, 3) : c.Shape(1) is [_, var packed] ? Dim.Divide(packed, 3) : Dim.Unknown;
        c.Set(0, c.Type(0), c.Shape(0) is [var batch, var sequence, _] ? [batch, sequence, width] : null);
        c.Set(1, c.Type(0), null);
    }

    /// <summary>com.microsoft.MultiHeadAttention: query, key and value apart.</summary>
    internal static void MultiHead(ShapeContext c)
    {
        c.Set(0, c.Type(0), c.Shape(0) is [var batch, var sequence, var width]
            ? [batch, sequence, c.Shape(2) is [_, _, var values] ? values : width] : null);
        for (var i = 1; i < c.Node.Outputs.Count; i++)
            c.Set(i, c.Type(0), null);
    }

    static Dim[] Heads(ShapeContext c, Dim[] shape, string attribute)
    {
        if (shape.Length == 4)
            return shape;
        var heads = c.Int(attribute, 0);
        if (shape.Length != 3 || heads <= 0)
            throw c.Error($"needs four dimensions, or three and {attribute}");
        return [shape[0], heads, shape[1], Dim.Divide(shape[2], heads)];
    }
}
