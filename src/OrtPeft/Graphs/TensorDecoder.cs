using System.Buffers.Binary;

namespace OrtPeft.Graphs;

/// <summary>Elements stored one protobuf number each (int32_data, int64_data, uint64_data), turned into little-endian bytes.</summary>
static class TensorDecoder
{
    internal static byte[] ToBytes(OnnxTensor tensor)
    {
        if (tensor.Data.Encoding == TensorEncoding.Strings || tensor.ElementType == OnnxType.String)
            throw new OnnxException($"The tensor '{tensor.Name}' holds strings, expected numbers.");
        var stored = new byte[tensor.Data.Length];
        tensor.Data.Read(0, stored);
        var bits = tensor.ElementType.Bits();
        // Types below one byte are packed into int32_data a byte at a time.
        var size = Math.Max(bits / 8, 1);
        var bytes = new byte[tensor.ByteLength];
        var element = new byte[8];
        int read = 0, written = 0;
        while (read < stored.Length && written + size <= bytes.Length)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(element, Varint(stored, ref read));
            element.AsSpan(0, size).CopyTo(bytes.AsSpan(written));
            written += size;
        }
        return bytes;
    }

    /// <summary>The next number; the reader has checked that all of them are complete.</summary>
    static ulong Varint(byte[] bytes, ref int position)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
    }
}
