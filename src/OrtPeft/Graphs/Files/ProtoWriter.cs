using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrtPeft.Graphs.Files;

/// <summary>Writes the protobuf wire format. Tensor contents are only referred to; they are streamed when the whole is copied out.</summary>
sealed class ProtoWriter : IDisposable
{
    readonly MemoryStream _bytes = new();
    readonly List<(long Position, TensorData Payload)> _payloads = [];
    long _payloadLength;

    internal long Length => _bytes.Length + _payloadLength;

    internal void Message(int field, Action<ProtoWriter> write)
    {
        using var inner = new ProtoWriter();
        write(inner);
        Tag(field, WireType.Bytes);
        WriteVarint(_bytes, (ulong)inner.Length);
        var start = _bytes.Length;
        inner._bytes.WriteTo(_bytes);
        foreach (var (position, payload) in inner._payloads)
            _payloads.Add((start + position, payload));
        _payloadLength += inner._payloadLength;
    }

    /// <summary>A bytes field whose contents stay where they are until the whole is copied out.</summary>
    internal void Payload(int field, TensorData data)
    {
        Tag(field, WireType.Bytes);
        WriteVarint(_bytes, (ulong)data.Length);
        _payloads.Add((_bytes.Length, data));
        _payloadLength += data.Length;
    }

    internal void Int64(int field, long value)
    {
        Tag(field, WireType.Varint);
        WriteVarint(_bytes, (ulong)value);
    }

    internal void Float(int field, float value)
    {
        Tag(field, WireType.Fixed32);
        Fixed(value);
    }

    internal void Text(int field, string value)
    {
        if (value.Length > 0)
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    internal void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.Bytes);
        WriteVarint(_bytes, (ulong)value.Length);
        _bytes.Write(value);
    }

    internal void PackedInt64s(int field, IEnumerable<long> values)
    {
        using var packed = new MemoryStream();
        foreach (var value in values)
            WriteVarint(packed, (ulong)value);
        if (packed.Length > 0)
            Bytes(field, packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    internal void PackedFloats(int field, IReadOnlyList<float> values)
    {
        if (values.Count == 0)
            return;
        Tag(field, WireType.Bytes);
        WriteVarint(_bytes, (ulong)values.Count * sizeof(float));
        foreach (var value in values)
            Fixed(value);
    }

    /// <summary>Fields kept from the file as they stood.</summary>
    internal void Rest(byte[]? rest) => _bytes.Write(rest);

    public void Dispose() => _bytes.Dispose();

    internal void CopyTo(Stream stream)
    {
        var bytes = _bytes.GetBuffer();
        long done = 0;
        foreach (var (position, payload) in _payloads)
        {
            stream.Write(bytes.AsSpan((int)done, (int)(position - done)));
            payload.CopyTo(stream);
            done = position;
        }
        stream.Write(bytes.AsSpan((int)done, (int)(_bytes.Length - done)));
    }

    internal static void WriteVarint(IBufferWriter<byte> buffer, ulong value)
    {
        var span = buffer.GetSpan(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7)
            span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        buffer.Advance(count);
    }

    static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    void Tag(int field, WireType wire) => WriteVarint(_bytes, (ulong)field << 3 | (uint)wire);

    void Fixed(float value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
