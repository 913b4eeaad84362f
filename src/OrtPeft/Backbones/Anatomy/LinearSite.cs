using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// A linear layer in a graph: y = x W + b. What identifies it is the node that multiplies and the input that reads the weight; several linear
/// layers may read one initializer.
/// </summary>
/// <param name="Node">The node that multiplies: MatMul, Gemm, or a fused or quantized operator.</param>
/// <param name="Weight">Where the weight is read.</param>
/// <param name="Layout">How the weight lies.</param>
/// <param name="Bias">Where the bias is read; null when there is none.</param>
/// <param name="Input">The tensor x.</param>
/// <param name="Product">The tensor x W before the bias; null when the operator adds the bias itself, or does more than that.</param>
/// <param name="Output">The tensor x W + b; null when it is fused into a larger operator and does not exist.</param>
/// <param name="InWidth">Width of x.</param>
/// <param name="OutWidth">Width of y, all packed parts together.</param>
sealed record LinearSite(
    OnnxNode Node, ParameterSite Weight, WeightLayout Layout, ParameterSite? Bias, string Input, string? Product, string? Output, int InWidth, int OutWidth)
{
    /// <summary>The operator that the output is fused into; null when the output is a tensor of the graph.</summary>
    internal string? FusedInto { get; init; }

    /// <summary>Columns of y that belong to this site, in ascending order: one range of all columns unless several layers are packed into one product.</summary>
    internal IReadOnlyList<ColumnRange> Columns { get; init; } = [new(0, OutWidth)];

    /// <summary>
    /// Where the model applies the very layer a second time: to relative positions, in DeBERTa with `share_att_key`. What is trained of a layer acts in both places, as in
    /// PyTorch, where they are one module.
    /// </summary>
    internal LinearSite? Second { get; init; }

    /// <summary>All places where the layer is applied.</summary>
    internal IEnumerable<LinearSite> Places => Second is null ? [this] : [this, Second];

    /// <summary>This place alone.</summary>
    internal LinearSite Alone => this with { Second = null, Weight = Weight with { Second = null }, Bias = Bias is null ? null : Bias with { Second = null } };

    /// <summary>The same layer, applied a second time at <paramref name="other"/> if its weight and bias are equal there.</summary>
    internal LinearSite SharedWith(LinearSite? other) => other is not null && Layout == other.Layout && Columns.SequenceEqual(other.Columns) && OutWidth == other.OutWidth
        && IsSame(Weight, other.Weight) && (Bias is null ? other.Bias is null : other.Bias is not null && IsSame(Bias, other.Bias))
            ? this with { Second = other, Weight = Weight with { Second = other.Weight }, Bias = Bias is null ? null : Bias with { Second = other.Bias } }
            : this;

    /// <summary>One constant, or two of the same values: some exporters write a parameter once for each use.</summary>
    static bool IsSame(ParameterSite a, ParameterSite b)
    {
        var (own, other) = (a.Tensor, b.Tensor);
        if (ReferenceEquals(own, other))
            return true;
        if (!own.ElementType.IsFloat() || own.ElementType != other.ElementType || !own.Dims.SequenceEqual(other.Dims))
            return false;
        // Mostly they differ from the start: weights are read in pieces.
        const int Piece = 1024;
        Span<float> left = stackalloc float[Piece], right = stackalloc float[Piece];
        for (long first = 0; first < own.ElementCount; first += Piece)
        {
            var count = (int)Math.Min(Piece, own.ElementCount - first);
            own.ReadFloats(first, left[..count]);
            other.ReadFloats(first, right[..count]);
            if (!left[..count].SequenceEqual(right[..count]))
                return false;
        }
        return true;
    }

    /// <summary>Whether this is a part of a product that computes several layers at once.</summary>
    internal bool IsPacked => Columns is not [var all] || all.Count != OutWidth;

    /// <summary>Whether the weight holds integers: such a layer is frozen, but a term can be added to its output.</summary>
    internal bool IsQuantized => !Weight.Tensor.ElementType.IsFloat();

    /// <summary>The product with all its parts.</summary>
    internal LinearSite Whole => this with { Columns = [new(0, OutWidth)] };

    /// <summary>The first tensor of the graph that has the bias in it: the output, or what the operator writes that it is fused into.</summary>
    internal string Behind => Output ?? Bias?.Node.Output(0) ?? Node.Output(0);
}

/// <summary>Columns of a packed product.</summary>
/// <param name="Start">The first one.</param>
/// <param name="Count">How many.</param>
readonly record struct ColumnRange(int Start, int Count);

/// <summary>How the weight of a linear layer lies in its tensor.</summary>
enum WeightLayout
{
    /// <summary>[in, out], as MatMul reads it; the transpose of a PyTorch Linear.</summary>
    InOut,

    /// <summary>[out, in], as in PyTorch.</summary>
    OutIn,
}
