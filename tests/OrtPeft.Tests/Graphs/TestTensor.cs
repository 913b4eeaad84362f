using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>A tensor's type, shape and little-endian bytes.</summary>
sealed record TestTensor(OnnxType Type, long[] Shape, byte[] Bytes)
{
    internal static TestTensor Of(float[] values, params long[] shape) => new(OnnxType.Float, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    internal static TestTensor Of(long[] values, params long[] shape) => new(OnnxType.Int64, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    internal static TestTensor Of(bool[] values, params long[] shape) => new(OnnxType.Bool, shape, [.. values.Select(v => v ? (byte)1 : (byte)0)]);

    /// <summary>The elements of any numeric type.</summary>
    internal double[] Values()
    {
        var count = Shape.Aggregate(1L, (a, b) => a * b);
        var values = new double[count];
        var size = count == 0 ? 1 : Bytes.Length / (int)count;
        for (var i = 0; i < count; i++)
        {
            var e = Bytes.AsSpan(i * size, size);
            values[i] = Type switch
            {
                OnnxType.Float => BinaryPrimitives.ReadSingleLittleEndian(e),
                OnnxType.Double => BinaryPrimitives.ReadDoubleLittleEndian(e),
                OnnxType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(e),
                OnnxType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(e),
                OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(e),
                OnnxType.Int8 => (sbyte)e[0],
                _ => e[0],
            };
        }
        return values;
    }

    /// <summary>All tensors of a safetensors file.</summary>
    internal static Dictionary<string, TestTensor> ReadSafetensors(byte[] file)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, length));
        var tensors = new Dictionary<string, TestTensor>();
        foreach (var entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var offsets = entry.Value.GetProperty("data_offsets");
            int from = offsets[0].GetInt32(), to = offsets[1].GetInt32();
            var type = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => OnnxType.Float,
                "F16" => OnnxType.Float16,
                "F64" => OnnxType.Double,
                "I64" => OnnxType.Int64,
                "I32" => OnnxType.Int32,
                "U8" => OnnxType.UInt8,
                "I8" => OnnxType.Int8,
                "BOOL" => OnnxType.Bool,
                var other => throw new InvalidDataException(other),
            };
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
            tensors.Add(entry.Name, new TestTensor(type, shape, file[(8 + length + from)..(8 + length + to)]));
        }
        return tensors;
    }
}
