using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>One vector for a text: the mean or the maximum over all its tokens, special tokens included, or its first token.</summary>
static class Pooling
{
    /// <summary>Pools <paramref name="values"/>, row-major [tokens, width], into <paramref name="target"/> [width].</summary>
    internal static void Pool(FeatureView view, ReadOnlySpan<float> values, Span<float> target)
    {
        var width = target.Length;
        if (view == FeatureView.Cls)
        {
            values[..width].CopyTo(target);
            return;
        }
        if (view == FeatureView.Max)
        {
            values[..width].CopyTo(target);
            for (var start = width; start < values.Length; start += width)
                TensorPrimitives.Max(target, values.Slice(start, width), target);
            return;
        }
        target.Clear();
        for (var start = 0; start < values.Length; start += width)
            TensorPrimitives.Add(target, values.Slice(start, width), target);
        TensorPrimitives.Divide(target, values.Length / width, target);
    }
}
