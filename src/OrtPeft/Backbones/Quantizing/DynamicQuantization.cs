using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Replaces MatMul by a constant weight with its dynamic int8 form, as ONNX Runtime's own tool writes it and its CPU kernels fuse it:
/// DynamicQuantizeLinear of the input, MatMulInteger with a signed weight, and the product of both scales, one a column.
/// </summary>
static class DynamicQuantization
{
    /// <summary>Changes <paramref name="model"/>; returns how many products and tables were replaced, and how many products were left.</summary>
    internal static (int MatMuls, int Embeddings, int Left) Apply(OnnxModel model, bool embeddings)
    {
        var index = new GraphIndex(model.Graph);
        var builder = GraphBuilder.Edit(model);
        var quantizedInputs = new Dictionary<string, string[]>();
        var weights = new Dictionary<string, (string Values, string Scales, string Zeros)>();
        var (matMuls, tables, left) = (0, 0, 0);
        foreach (var node in model.Graph.Nodes.ToArray())
        {
            if (node.Key == "MatMul" && Weight(index, node.Inputs[1]) is { } weight && builder.TypeOf(node.Inputs[0]) == OnnxType.Float)
            {
                builder.Replace(node, () => [MatMul(builder, node, weight, quantizedInputs, weights)]);
                matMuls++;
            }
            else if (embeddings && node.Key == "Gather" && node.Int("axis", 0) == 0 && Weight(index, node.Inputs[0]) is { Dims: [> 256, _] } table && builder.TypeOf(node.Outputs[0]) == OnnxType.Float)
            {
                builder.Replace(node, () => [Gather(builder, node, table)]);
                tables++;
            }
            else if (node.OpType is "MatMul" or "Gemm" or "FusedMatMul" or "Attention" && node.Inputs.Exists(i => Weight(index, i) != null))
            {
                left++;
            }
        }
        GraphEdits.RemoveDead(model);
        return (matMuls, tables, left);
    }

    static string MatMul(GraphBuilder builder, OnnxNode node, OnnxTensor weight, Dictionary<string, string[]> inputs, Dictionary<string, (string Values, string Scales, string Zeros)> weights)
    {
        if (!inputs.TryGetValue(node.Inputs[0], out var input))
            inputs.Add(node.Inputs[0], input = builder.Nodes("DynamicQuantizeLinear", 3, [node.Inputs[0]]));
        if (!weights.TryGetValue(weight.Name, out var quantized))
        {
            var (rows, columns) = (weight.Dims[0], weight.Dims[1]);
            var (values, scales) = ByColumn(weight.ToFloats(), (int)rows, (int)columns);
            quantized = (builder.Initializer(Bytes(weight.Name + "_quantized", values, rows, columns)), builder.Initializer(OnnxTensor.FromFloats(weight.Name + "_scale", scales, columns)),
                builder.Initializer(Bytes(weight.Name + "_zero_point", new sbyte[columns], columns)));
            weights.Add(weight.Name, quantized);
        }
        var product = builder.Cast(builder.Node("MatMulInteger", [input[0], quantized.Values, input[2], quantized.Zeros]), OnnxType.Float);
        return builder.Mul(product, builder.Mul(input[1], quantized.Scales));
    }

    static string Gather(GraphBuilder builder, OnnxNode node, OnnxTensor table)
    {
        var (rows, width) = (table.Dims[0], table.Dims[1]);
        var (values, scales) = (new sbyte[rows * width], new float[rows]);
        for (long row = 0; row < rows; row++)
            scales[row] = Quantize(table.ReadRows(row, 1), values.AsSpan((int)(row * width), (int)width));
        var quantized = builder.Initializer(Bytes(table.Name + "_quantized", values, rows, width));
        var scale = builder.Initializer(OnnxTensor.FromFloats(table.Name + "_scale", scales, rows, 1));
        return builder.Mul(builder.Cast(builder.Gather(quantized, node.Inputs[1]), OnnxType.Float), builder.Gather(scale, node.Inputs[1]));
    }

    /// <summary>Signed values of [rows, columns], symmetric, a scale for each column.</summary>
    internal static (sbyte[] Values, float[] Scales) ByColumn(float[] weight, int rows, int columns)
    {
        var (values, scales) = (new sbyte[weight.Length], new float[columns]);
        var (column, quantized) = (new float[rows], new sbyte[rows]);
        for (var c = 0; c < columns; c++)
        {
            for (var r = 0; r < rows; r++)
                column[r] = weight[r * columns + c];
            scales[c] = Quantize(column, quantized);
            for (var r = 0; r < rows; r++)
                values[r * columns + c] = quantized[r];
        }
        return (values, scales);
    }

    static float Quantize(ReadOnlySpan<float> source, Span<sbyte> target)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(source));
        if (!float.IsFinite(largest))
            throw new OrtPeftException("A weight of the model is no finite number; it cannot be quantized.");
        var scale = largest > 0 ? largest / sbyte.MaxValue : 1;
        for (var i = 0; i < source.Length; i++)
            target[i] = (sbyte)Math.Clamp(MathF.Round(source[i] / scale), -sbyte.MaxValue, sbyte.MaxValue);
        return scale;
    }

    /// <summary>The floating-point constant [rows, columns] behind conversions, or null.</summary>
    static OnnxTensor? Weight(GraphIndex index, string tensor)
    {
        while (index.Producer(tensor) is { OpType: "Cast" or "Identity" } conversion)
            tensor = conversion.Inputs[0];
        return index.Constant(tensor) is { Dims: [> 1, > 1] } weight && weight.ElementType.IsFloat() ? weight : null;
    }

    static OnnxTensor Bytes(string name, sbyte[] values, params long[] dims) => OnnxTensor.FromBytes(name, OnnxType.Int8, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), dims);
}
