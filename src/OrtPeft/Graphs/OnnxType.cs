namespace OrtPeft.Graphs;

/// <summary>The element type of a tensor; the numbers are those of TensorProto.DataType.</summary>
public enum OnnxType
{
    /// <summary>Not a tensor, or not known.</summary>
    Undefined = 0,
    /// <summary>IEEE 754, 32 bits.</summary>
    Float = 1,
    /// <summary>Unsigned, 8 bits.</summary>
    UInt8 = 2,
    /// <summary>Signed, 8 bits.</summary>
    Int8 = 3,
    /// <summary>Unsigned, 16 bits.</summary>
    UInt16 = 4,
    /// <summary>Signed, 16 bits.</summary>
    Int16 = 5,
    /// <summary>Signed, 32 bits.</summary>
    Int32 = 6,
    /// <summary>Signed, 64 bits.</summary>
    Int64 = 7,
    /// <summary>Strings of bytes, UTF-8 by custom.</summary>
    String = 8,
    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,
    /// <summary>IEEE 754, 16 bits.</summary>
    Float16 = 10,
    /// <summary>IEEE 754, 64 bits.</summary>
    Double = 11,
    /// <summary>Unsigned, 32 bits.</summary>
    UInt32 = 12,
    /// <summary>Unsigned, 64 bits.</summary>
    UInt64 = 13,
    /// <summary>Two 32-bit floats.</summary>
    Complex64 = 14,
    /// <summary>Two 64-bit floats.</summary>
    Complex128 = 15,
    /// <summary>The upper half of a 32-bit float.</summary>
    BFloat16 = 16,
    /// <summary>8 bits, 4 of exponent, no infinities.</summary>
    Float8E4M3FN = 17,
    /// <summary>8 bits, 4 of exponent, no infinities, no negative zero.</summary>
    Float8E4M3FNUZ = 18,
    /// <summary>8 bits, 5 of exponent.</summary>
    Float8E5M2 = 19,
    /// <summary>8 bits, 5 of exponent, no infinities, no negative zero.</summary>
    Float8E5M2FNUZ = 20,
    /// <summary>Unsigned, 4 bits, two in a byte.</summary>
    UInt4 = 21,
    /// <summary>Signed, 4 bits, two in a byte.</summary>
    Int4 = 22,
    /// <summary>4 bits, two in a byte.</summary>
    Float4E2M1 = 23,
    /// <summary>8 bits of exponent only.</summary>
    Float8E8M0 = 24,
    /// <summary>Unsigned, 2 bits, four in a byte.</summary>
    UInt2 = 25,
    /// <summary>Signed, 2 bits, four in a byte.</summary>
    Int2 = 26,
}

static class OnnxTypes
{
    /// <summary>Bits of one element; 0 for strings and for what is no tensor.</summary>
    internal static int Bits(this OnnxType type) => type switch
    {
        OnnxType.UInt2 or OnnxType.Int2 => 2,
        OnnxType.UInt4 or OnnxType.Int4 or OnnxType.Float4E2M1 => 4,
        OnnxType.UInt8 or OnnxType.Int8 or OnnxType.Bool or (>= OnnxType.Float8E4M3FN and <= OnnxType.Float8E5M2FNUZ)
            or OnnxType.Float8E8M0 => 8,
        OnnxType.UInt16 or OnnxType.Int16 or OnnxType.Float16 or OnnxType.BFloat16 => 16,
        OnnxType.Float or OnnxType.Int32 or OnnxType.UInt32 => 32,
        OnnxType.Double or OnnxType.Int64 or OnnxType.UInt64 or OnnxType.Complex64 => 64,
        OnnxType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>A type gradients exist for.</summary>
    internal static bool IsFloat(this OnnxType type) =>
        type is OnnxType.Float or OnnxType.Double or OnnxType.Float16 or OnnxType.BFloat16;

    internal static bool IsInteger(this OnnxType type) => type is (>= OnnxType.UInt8 and <= OnnxType.Int64) or OnnxType.UInt32 or OnnxType.UInt64;

    /// <summary>The name used in messages, as ONNX writes it.</summary>
    internal static string Text(this OnnxType type) => type.ToString().ToLowerInvariant();
}
