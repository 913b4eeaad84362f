using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>Writes safetensors files atomically. The same tensors in the same order always give the same bytes.</summary>
sealed class SafetensorsWriter
{
    readonly List<(string Name, string DType, long[] Shape, long Length, Bytes Data)> _tensors = [];
    readonly Dictionary<string, string> _metadata = [];

    internal SafetensorsWriter Metadata(string key, string value)
    {
        _metadata[key] = value;
        return this;
    }

    /// <summary>Adds values; the array is read when the file is written, never copied.</summary>
    internal SafetensorsWriter Add(string name, float[] values, params long[] shape) => Add(name, "F32", (long)values.Length * sizeof(float), () => MemoryMarshal.AsBytes(values.AsSpan()), shape);

    /// <inheritdoc cref="Add(string, float[], long[])"/>
    internal SafetensorsWriter Add(string name, long[] values, params long[] shape) => Add(name, "I64", (long)values.Length * sizeof(long), () => MemoryMarshal.AsBytes(values.AsSpan()), shape);

    /// <summary>Adds raw little-endian bytes; the memory is read when the file is written.</summary>
    internal SafetensorsWriter Add(string name, string dtype, ReadOnlyMemory<byte> data, params long[] shape) => Add(name, dtype, data.Length, () => data.Span, shape);

    SafetensorsWriter Add(string name, string dtype, long length, Bytes data, long[] shape)
    {
        var elements = shape.Aggregate(1L, (a, b) => checked(a * b));
        if (elements * SafetensorsEntry.ElementSizes[dtype] != length)
            throw new ArgumentException($"Tensor '{name}' of {dtype} [{string.Join(", ", shape)}] cannot have {length} bytes.", nameof(length));
        _tensors.Add((name, dtype, shape, length, data));
        return this;
    }

    /// <summary>Stores the CRC-32C of all tensors' bytes in the metadata, for <see cref="SafetensorsFile.VerifyChecksum"/>.</summary>
    internal SafetensorsWriter WithChecksum() =>
        Metadata(SafetensorsFile.ChecksumKey, Crc32C.Format(_tensors.Aggregate(0u, (crc, tensor) => Crc32C.Compute(tensor.Data(), crc))));

    internal void Write(string path) => AtomicFile.Write(path, WriteTo);

    internal void WriteTo(Stream stream)
    {
        stream.Write(SafetensorsHeader.Write(_metadata, _tensors.Select(t => (t.Name, t.DType, t.Shape, t.Length))));
        foreach (var tensor in _tensors)
            stream.Write(tensor.Data());
    }

    delegate ReadOnlySpan<byte> Bytes();
}
