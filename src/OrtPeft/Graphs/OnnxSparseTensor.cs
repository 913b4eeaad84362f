namespace OrtPeft.Graphs;

/// <summary>A tensor given by its non-zero elements; kept as it is, nothing here computes with it.</summary>
sealed class OnnxSparseTensor(OnnxTensor values, OnnxTensor? indices, long[] dims)
{
    /// <summary>The non-zero elements; carries the tensor's name.</summary>
    internal OnnxTensor Values { get; } = values;

    /// <summary>Where they stand.</summary>
    internal OnnxTensor? Indices { get; } = indices;

    internal long[] Dims { get; } = dims;

    internal byte[]? Rest { get; init; }
}
