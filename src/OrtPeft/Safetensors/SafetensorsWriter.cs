using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtPeft;

/// <summary>Writes safetensors files atomically. The same tensors in the same order always give the same bytes.</summary>
sealed class SafetensorsWriter
{
    readonly List<(string Name, string DType, long[] Shape, ReadOnlyMemory<byte> Data)> _tensors = [];
    readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    internal SafetensorsWriter Metadata(string key, string value)
    {
        _metadata[key] = value;
        return this;
    }

    internal SafetensorsWriter Add(string name, float[] values, params long[] shape) => Add(name, "F32", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), shape);

    internal SafetensorsWriter Add(string name, long[] values, params long[] shape) => Add(name, "I64", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), shape);

    /// <summary>Adds raw little-endian bytes; the memory is read when the file is written.</summary>
    internal SafetensorsWriter Add(string name, string dtype, ReadOnlyMemory<byte> data, params long[] shape)
    {
        var elements = shape.Aggregate(1L, (a, b) => checked(a * b));
        if (elements * SafetensorsEntry.ElementSizes[dtype] != data.Length)
            throw new ArgumentException($"Tensor '{name}' of {dtype} [{string.Join(", ", shape)}] cannot have {data.Length} bytes.", nameof(data));
        _tensors.Add((name, dtype, shape, data));
        return this;
    }

    /// <summary>Stores the CRC-32C of all tensors' bytes in the metadata, for <see cref="SafetensorsFile.VerifyChecksum"/>.</summary>
    internal SafetensorsWriter WithChecksum() =>
        Metadata(SafetensorsFile.ChecksumKey, Crc32C.Format(_tensors.Aggregate(0u, (crc, tensor) => Crc32C.Compute(tensor.Data.Span, crc))));

    /// <summary>Stores the CRC-32C of each tensor's bytes in the metadata, under its name.</summary>
    internal SafetensorsWriter WithChecksums()
    {
        foreach (var (name, _, _, data) in _tensors)
            Metadata($"{SafetensorsFile.ChecksumKey}:{name}", Crc32C.Format(Crc32C.Compute(data.Span)));
        return this;
    }

    internal void Write(string path) => AtomicFile.Write(path, stream => WriteTo(stream));

    /// <summary>Writes to <paramref name="stream"/> and returns the CRC-32C of all bytes written.</summary>
    internal uint WriteTo(Stream stream)
    {
        var header = Header();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        var crc = Crc32C.Compute(header, Crc32C.Compute(length));
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, _, _, data) in _tensors)
        {
            stream.Write(data.Span);
            crc = Crc32C.Compute(data.Span, crc);
        }
        return crc;
    }

    byte[] Header()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (_metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in _metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (var (name, dtype, shape, data) in _tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", dtype);
                json.WriteStartArray("shape");
                foreach (var dim in shape)
                    json.WriteNumberValue(dim);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += data.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Padded with spaces, so that the data begin at a multiple of 8 bytes.
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
