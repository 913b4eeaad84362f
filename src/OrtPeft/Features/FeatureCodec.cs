using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>Turns float32 rows into stored bytes and back. Int8 has a scale per row (token): value = stored x scale.</summary>
static class FeatureCodec
{
    internal const string ScaleSuffix = ".scale";

    /// <summary>The dtype's name in safetensors.</summary>
    internal static string Name(FeatureDType dtype) => dtype switch
    {
        FeatureDType.Fp16 => "F16",
        FeatureDType.Bf16 => "BF16",
        FeatureDType.Int8 => "I8",
        _ => "F32",
    };

    internal static FeatureDType Parse(string name) => Enum.GetValues<FeatureDType>().FirstOrDefault(d => Name(d) == name, FeatureDType.Fp32);

    internal static int Bytes(FeatureDType dtype) => SafetensorsEntry.ElementSizes[Name(dtype)];

    /// <summary>Bytes of one row of <paramref name="width"/> values, its scale included.</summary>
    internal static int RowBytes(FeatureDType dtype, int width) => width * Bytes(dtype) + (dtype == FeatureDType.Int8 ? sizeof(float) : 0);

    /// <summary>Stores <paramref name="rows"/> [n, width]; <paramref name="scales"/> [n] is written for int8 only.</summary>
    /// <exception cref="OrtPeftException">A value is not a finite number, or too large for the dtype.</exception>
    internal static void Encode(FeatureDType dtype, ReadOnlySpan<float> rows, int width, Span<byte> target, Span<float> scales)
    {
        if (rows.IsEmpty)
            return;
        var largest = TensorPrimitives.MaxMagnitude(rows);
        var limit = dtype == FeatureDType.Fp16 ? (float)Half.MaxValue : float.MaxValue;
        if (!(Math.Abs(largest) <= limit))
        {
            throw new OrtPeftException(float.IsFinite(largest)
                ? $"The backbone gives a value of {largest:G4}, more than fp16 can hold ({limit:G6}). Use --dtype bf16 or fp32."
                : $"The backbone gives a value that is no finite number ({largest}). Check the model: it may have overflowed.");
        }
        switch (dtype)
        {
            case FeatureDType.Fp32:
                MemoryMarshal.AsBytes(rows).CopyTo(target);
                break;
            case FeatureDType.Fp16:
                TensorPrimitives.ConvertToHalf(rows, MemoryMarshal.Cast<byte, Half>(target)[..rows.Length]);
                break;
            case FeatureDType.Bf16:
                var bits = MemoryMarshal.Cast<float, uint>(rows);
                var halves = MemoryMarshal.Cast<byte, ushort>(target);
                for (var i = 0; i < bits.Length; i++)
                    halves[i] = (ushort)((bits[i] + 0x7FFF + ((bits[i] >> 16) & 1)) >> 16); // to nearest, ties to even
                break;
            default:
                for (var row = 0; row < rows.Length / width; row++)
                    scales[row] = Quantize(rows.Slice(row * width, width), MemoryMarshal.Cast<byte, sbyte>(target.Slice(row * width, width)));
                break;
        }
    }

    /// <summary>Restores rows [n, width] from <paramref name="stored"/> and, for int8, <paramref name="scales"/> [n].</summary>
    internal static void Decode(FeatureDType dtype, ReadOnlySpan<byte> stored, int width, ReadOnlySpan<float> scales, Span<float> rows)
    {
        switch (dtype)
        {
            case FeatureDType.Fp32:
                MemoryMarshal.Cast<byte, float>(stored).CopyTo(rows);
                break;
            case FeatureDType.Fp16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(stored), rows);
                break;
            case FeatureDType.Bf16:
                Widen(MemoryMarshal.Cast<byte, ushort>(stored), MemoryMarshal.Cast<float, uint>(rows));
                break;
            default:
                var values = MemoryMarshal.Cast<byte, sbyte>(stored);
                TensorPrimitives.ConvertTruncating<sbyte, float>(values, rows[..values.Length]);
                for (var row = 0; row < scales.Length; row++)
                    TensorPrimitives.Multiply(rows.Slice(row * width, width), scales[row], rows.Slice(row * width, width));
                break;
        }
    }

    static float Quantize(ReadOnlySpan<float> row, Span<sbyte> target)
    {
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude(row)) / sbyte.MaxValue;
        // The scale of a tiny row may round to 0; the row is 0 then.
        var inverse = scale > 0 && float.IsFinite(1 / scale) ? 1 / scale : 0;
        for (var i = 0; i < row.Length; i++)
            target[i] = (sbyte)Math.Clamp(MathF.Round(row[i] * inverse), -sbyte.MaxValue, sbyte.MaxValue);
        return inverse == 0 ? 0 : scale;
    }

    /// <summary>A bfloat16 is the upper half of a float32.</summary>
    static void Widen(ReadOnlySpan<ushort> source, Span<uint> target)
    {
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            Vector.ShiftLeft(low, 16).CopyTo(target[i..]);
            Vector.ShiftLeft(high, 16).CopyTo(target[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++)
            target[i] = (uint)source[i] << 16;
    }
}
