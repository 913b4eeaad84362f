using System.Buffers.Binary;
using System.Text.Json;

namespace OrtPeft;

/// <summary>The JSON header of a safetensors file: read, checked against every rule of the format, and written.</summary>
static class SafetensorsHeader
{
    const int MaxTensors = 200_000;

    internal static (Dictionary<string, SafetensorsEntry> Tensors, Dictionary<string, string> Metadata) Parse(
        string path, byte[] header, long dataStart, long fileSize)
    {
        if (header[0] != (byte)'{')
            throw SafetensorsFile.Broken(path, "its header does not begin with '{'");
        var tensors = new Dictionary<string, SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        try
        {
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    foreach (var item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                    continue;
                }
                if (tensors.Count == MaxTensors)
                    throw SafetensorsFile.Broken(path, $"it declares more than {MaxTensors} tensors");
                var entry = Entry(path, property, dataStart);
                if (!tensors.TryAdd(property.Name, entry))
                    throw SafetensorsFile.Broken(path, $"tensor '{property.Name}' occurs twice");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new OrtPeftException($"'{path}' is not a sound safetensors file: its header is not as the format demands ({e.Message}).", e);
        }

        var end = dataStart;
        foreach (var entry in tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (entry.Offset != end)
                throw SafetensorsFile.Broken(path, $"tensor '{entry.Name}' begins at byte {entry.Offset}; expected {end}");
            end = checked(entry.Offset + entry.Length);
        }
        if (end != fileSize)
            throw SafetensorsFile.Broken(path, $"its tensors end at byte {end}, the file at {fileSize}");
        return (tensors, metadata);
    }

    /// <summary>What a file begins with: the header's length and the header. Metadata of the same length give as many bytes.</summary>
    internal static byte[] Write(IReadOnlyDictionary<string, string> metadata, IEnumerable<(string Name, string DType, long[] Shape, long Length)> tensors)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (var (name, dtype, shape, length) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", dtype);
                json.WriteStartArray("shape");
                foreach (var dim in shape)
                    json.WriteNumberValue(dim);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Padded with spaces, so that the data begin at a multiple of 8 bytes.
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)bytes.Length - sizeof(ulong));
        return bytes;
    }

    static SafetensorsEntry Entry(string path, JsonProperty property, long dataStart)
    {
        var dtype = property.Value.GetProperty("dtype").GetString() ?? "";
        if (!SafetensorsEntry.ElementSizes.TryGetValue(dtype, out var size))
            throw SafetensorsFile.Broken(path, $"tensor '{property.Name}' has the unknown dtype '{dtype}'");
        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64()).ToArray();
        if (offsets is not [>= 0, var stop] || stop < offsets[0] || shape.Any(d => d < 0))
            throw SafetensorsFile.Broken(path, $"tensor '{property.Name}' has impossible offsets or dimensions");
        long bytes = size;
        foreach (var dim in shape)
            bytes = checked(bytes * dim);
        if (bytes != stop - offsets[0])
            throw SafetensorsFile.Broken(path, $"tensor '{property.Name}' needs {bytes} bytes but has {stop - offsets[0]}");
        return new SafetensorsEntry(property.Name, dtype, shape, checked(dataStart + offsets[0]), bytes);
    }
}
