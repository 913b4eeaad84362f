using System.Runtime.InteropServices;

namespace OrtPeft.Graphs;

/// <summary>Constant nodes read as tensors.</summary>
static class Constants
{
    /// <summary>The value of a Constant node; null for other nodes, and for sparse and string constants.</summary>
    internal static OnnxTensor? Of(OnnxNode node)
    {
        if (node is not { OpType: "Constant", IsStandard: true, Attributes: [var attribute] })
            return null;
        return attribute.Name switch
        {
            "value" => attribute.Tensor,
            "value_float" when attribute.Float is { } value => OnnxTensor.FromFloats("", [value]),
            "value_int" when attribute.Int is { } value => OnnxTensor.FromInt64s("", [value]),
            "value_floats" when attribute.Floats is { } values => OnnxTensor.FromFloats("", [.. values], values.Count),
            "value_ints" when attribute.Ints is { } values => OnnxTensor.FromInt64s("", [.. values], values.Count),
            _ => null,
        };
    }

    /// <summary>A tensor of one floating-point type from doubles.</summary>
    internal static OnnxTensor Of(string name, OnnxType type, ReadOnlySpan<double> values, params long[] dims)
    {
        var bytes = new byte[values.Length * type.Bits() / 8];
        for (var i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case OnnxType.Float: MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[i] = (float)values[i]; break;
                case OnnxType.Double: MemoryMarshal.Cast<byte, double>(bytes.AsSpan())[i] = values[i]; break;
                case OnnxType.Float16: MemoryMarshal.Cast<byte, Half>(bytes.AsSpan())[i] = (Half)values[i]; break;
                case OnnxType.BFloat16:
                    MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan())[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)values[i]) >> 16);
                    break;
                case OnnxType.Int64: MemoryMarshal.Cast<byte, long>(bytes.AsSpan())[i] = (long)values[i]; break;
                case OnnxType.Int32: MemoryMarshal.Cast<byte, int>(bytes.AsSpan())[i] = (int)values[i]; break;
                case OnnxType.Bool: bytes[i] = values[i] != 0 ? (byte)1 : (byte)0; break;
                default: throw new OnnxException($"No constant of type {type.Text()} can be made.");
            }
        }
        return OnnxTensor.FromBytes(name, type, bytes, dims);
    }
}
