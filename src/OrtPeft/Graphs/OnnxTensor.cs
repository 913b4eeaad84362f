using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OrtPeft.Graphs;

/// <summary>A constant tensor. Its contents may lie in a file; the reading methods fetch only what is asked for.</summary>
public sealed class OnnxTensor
{
    internal OnnxTensor(string name, OnnxType elementType, long[] dims, TensorData data)
    {
        Name = name;
        ElementType = elementType;
        Dims = dims;
        Data = data;
    }

    /// <summary>The tensor's name; empty inside attributes.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public OnnxType ElementType { get; }

    /// <summary>The shape; empty for a scalar.</summary>
    public long[] Dims { get; }

    /// <summary>Where the contents are.</summary>
    public TensorData Data { get; }

    /// <summary>Number of elements.</summary>
    public long ElementCount => Dims.Aggregate(1L, (product, dim) => product * dim);

    /// <summary>Bytes of the elements in a row, little-endian; 0 for strings.</summary>
    public long ByteLength => checked((ElementCount * ElementType.Bits() + 7) / 8);

    /// <summary>Fields this library does not interpret, as they stood in the file.</summary>
    internal byte[]? Rest { get; init; }

    /// <summary>Keys of external data other than location, offset and length ("checksum"), which are kept.</summary>
    internal string? Checksum { get; init; }

    /// <summary>A tensor of 32-bit floats in memory.</summary>
    public static OnnxTensor FromFloats(string name, ReadOnlySpan<float> values, params long[] dims) =>
        FromBytes(name, OnnxType.Float, MemoryMarshal.AsBytes(values).ToArray(), dims);

    /// <summary>A tensor of 64-bit integers in memory.</summary>
    public static OnnxTensor FromInt64s(string name, ReadOnlySpan<long> values, params long[] dims) =>
        FromBytes(name, OnnxType.Int64, MemoryMarshal.AsBytes(values).ToArray(), dims);

    /// <summary>A tensor of any type from its elements as little-endian bytes, which are not copied.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not that of the shape.</exception>
    public static OnnxTensor FromBytes(string name, OnnxType type, ReadOnlyMemory<byte> bytes, params long[] dims)
    {
        var tensor = new OnnxTensor(name, type, dims, new TensorData(bytes));
        return tensor.ByteLength == bytes.Length ? tensor
            : throw new ArgumentException($"'{name}' {tensor} needs {tensor.ByteLength} bytes, {bytes.Length} were given.", nameof(bytes));
    }

    /// <summary>The same contents under another name.</summary>
    public OnnxTensor WithName(string name) => new(name, ElementType, Dims, Data) { Rest = Rest, Checksum = Checksum };

    /// <summary>All elements as little-endian bytes.</summary>
    public byte[] ToBytes()
    {
        if (Data.Encoding is TensorEncoding.Raw or TensorEncoding.Floats or TensorEncoding.Doubles)
        {
            var bytes = new byte[Data.Length];
            Data.Read(0, bytes);
            return bytes;
        }
        return TensorDecoder.ToBytes(this);
    }

    /// <summary>Elements as little-endian bytes, from byte <paramref name="offset"/> on, without reading the rest.</summary>
    public void ReadBytes(long offset, Span<byte> destination)
    {
        if (Data.Encoding is TensorEncoding.Raw or TensorEncoding.Floats or TensorEncoding.Doubles)
            Data.Read(offset, destination);
        else
            ToBytes().AsSpan((int)offset, destination.Length).CopyTo(destination);
    }

    /// <summary>All elements of a float, double, float16 or bfloat16 tensor as 32-bit floats.</summary>
    public float[] ToFloats()
    {
        var values = new float[ElementCount];
        ReadFloats(0, values);
        return values;
    }

    /// <summary>Elements from index <paramref name="first"/> on as 32-bit floats, without reading the rest.</summary>
    public void ReadFloats(long first, Span<float> destination)
    {
        if (!ElementType.IsFloat())
            throw new OnnxException($"The tensor '{Name}' holds {ElementType.Text()}, expected a floating-point type.");
        var size = ElementType.Bits() / 8;
        if (size == sizeof(float))
        {
            ReadBytes(first * size, MemoryMarshal.AsBytes(destination));
            return;
        }
        var bytes = new byte[destination.Length * size];
        ReadBytes(first * size, bytes);
        for (var i = 0; i < destination.Length; i++)
        {
            var element = bytes.AsSpan(i * size, size);
            destination[i] = ElementType switch
            {
                OnnxType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
                OnnxType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
            };
        }
    }

    /// <summary>
    /// Rows (slices along the first dimension) from <paramref name="firstRow"/> on as 32-bit floats, without reading the rest.
    /// </summary>
    public float[] ReadRows(long firstRow, int count)
    {
        if (Dims.Length == 0 || firstRow < 0 || count < 0 || firstRow + count > Dims[0])
            throw new ArgumentOutOfRangeException(nameof(firstRow), $"Rows {firstRow} to {firstRow + count} of '{Name}' {this} do not exist.");
        var width = Dims[0] == 0 ? 0 : ElementCount / Dims[0];
        var rows = new float[count * width];
        ReadFloats(firstRow * width, rows);
        return rows;
    }

    /// <summary>All elements of an integer or bool tensor.</summary>
    public long[] ToInt64s()
    {
        var bytes = ToBytes();
        if (ElementType == OnnxType.Int64)
            return MemoryMarshal.Cast<byte, long>(bytes).ToArray();
        var size = ElementType.Bits() / 8;
        var values = new long[ElementCount];
        for (var i = 0; i < values.Length; i++)
        {
            var element = bytes.AsSpan(i * Math.Max(size, 1));
            values[i] = ElementType switch
            {
                OnnxType.Bool or OnnxType.UInt8 => element[0],
                OnnxType.Int8 => (sbyte)element[0],
                OnnxType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
                OnnxType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(element),
                OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
                OnnxType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(element),
                OnnxType.UInt64 => BinaryPrimitives.ReadInt64LittleEndian(element),
                _ => throw new OnnxException($"The tensor '{Name}' holds {ElementType.Text()}, expected integers."),
            };
        }
        return values;
    }

    /// <summary>Type and shape, for example <c>float[384, 1536]</c>.</summary>
    public override string ToString() => $"{ElementType.Text()}[{string.Join(", ", Dims)}]";
}
