namespace OrtPeft.Gradients;

/// <summary>RotaryEmbedding (opset 23): pairs of elements turned by an angle that depends on the position.</summary>
static class UnfuseRotary
{
    internal static string?[] Standard(UnfuseScope s)
    {
        var x = s.Input(0);
        var isFlat = s.RankOf(x) == 3;
        // [batch, sequence, heads, size] when flat, otherwise [batch, heads, sequence, size].
        if (isFlat)
            x = s.Reshape(x, 0, 0, s.Attribute("num_heads", 0), -1);
        var headAxis = isFlat ? 2 : 1;
        var cos = s.Unsqueeze(Angles(s, 1), headAxis);
        var sin = s.Unsqueeze(Angles(s, 2), headAxis);
        var size = s.ShapeOf(x)[3] is { IsKnown: true } known ? known.Value : throw s.Error("has heads of unknown size");
        var turned = s.Attribute("rotary_embedding_dim", 0) is > 0 and var part ? part : size;
        var head = turned == size ? x : s.Slice(x, 3, 0, turned);
        var interleaved = s.Attribute("interleaved", 0) != 0;
        var first = interleaved ? s.Slice(head, 3, 0, turned, 2) : s.Slice(head, 3, 0, turned / 2);
        var second = interleaved ? s.Slice(head, 3, 1, turned, 2) : s.Slice(head, 3, turned / 2, turned);
        var real = s.Sub(s.Mul(first, cos), s.Mul(second, sin));
        var imaginary = s.Add(s.Mul(first, sin), s.Mul(second, cos));
        var joined = interleaved
            ? s.Reshape(s.Concat(4, s.Unsqueeze(real, 4), s.Unsqueeze(imaginary, 4)), 0, 0, 0, turned)
            : s.Concat(3, real, imaginary);
        if (turned != size)
            joined = s.Concat(3, joined, s.Slice(x, 3, turned, size));
        return [isFlat ? s.ReshapeLike(joined, s.Input(0)) : joined];
    }

    /// <summary>[batch, sequence, size / 2]: by position from a table, or given for each place.</summary>
    static string Angles(UnfuseScope s, int input) => s.HasInput(3) ? s.Gather(s.Input(input), s.Input(3)) : s.Input(input);
}
