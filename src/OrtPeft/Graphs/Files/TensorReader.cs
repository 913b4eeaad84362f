using System.Buffers;
using System.Globalization;

namespace OrtPeft.Graphs.Files;

/// <summary>Reads a TensorProto. Contents above <see cref="InlineLimit"/> are not read, only where they lie is kept.</summary>
static class TensorReader
{
    /// <summary>Contents up to this many bytes are kept in memory: shape arithmetic and scalars.</summary>
    const int InlineLimit = 1024;

    internal static OnnxTensor Read(ProtoReader r, ExternalData? external)
    {
        var name = "";
        var type = OnnxType.Undefined;
        var dims = new List<long>();
        TensorData? data = null;
        long? stored = null;
        ArrayBufferWriter<byte>? strings = null;
        long stringCount = 0;
        Dictionary<string, string>? location = null;
        var isExternal = false;
        ArrayBufferWriter<byte>? rest = null;
        while (r.Next(out var field, out var wire))
        {
            switch (field)
            {
                case 1: r.Int64s(wire, dims); break;
                case 2: type = (OnnxType)r.Int32(wire); break;
                case 8: name = r.Text(wire); break;
                case 4 or 5 or 7 or 9 or 10 or 11:
                    data = Contents(r, wire, Encoding(field), data, ref stored);
                    break;
                case 6:
                    r.Keep(ref strings, field, wire);
                    stringCount++;
                    break;
                case 13:
                    var (key, value) = r.Message(wire, "external_data", -1, Entry);
                    if (!(location ??= []).TryAdd(key, value))
                        throw r.Error($"external data of tensor '{name}' gives '{key}' twice");
                    break;
                case 14: isExternal = r.Int64(wire) == 1; break;
                default: r.Keep(ref rest, field, wire); break;
            }
        }
        var shape = dims.ToArray();
        var count = Count(r, name, shape);
        string? checksum = null;
        if (isExternal)
        {
            if (external is null)
                throw r.Error($"tensor '{name}' refers to external data, but the model was not read from a file");
            if (type == OnnxType.String)
                throw r.Error($"the string tensor '{name}' refers to external data, which ONNX does not allow");
            (data, checksum) = external.Locate(name, location ?? [], checked((count * type.Bits() + 7) / 8));
        }
        else if (strings is not null)
        {
            data = new TensorData(strings.WrittenMemory, TensorEncoding.Strings);
            stored = stringCount;
        }
        Check(r, name, type, shape, count, data, stored);
        return new OnnxTensor(name, type, shape, data ?? TensorData.Empty) { Checksum = checksum, Rest = rest?.WrittenSpan.ToArray() };
    }

    static TensorEncoding Encoding(int field) => field switch
    {
        4 => TensorEncoding.Floats,
        5 => TensorEncoding.Int32Varints,
        7 => TensorEncoding.Int64Varints,
        9 => TensorEncoding.Raw,
        10 => TensorEncoding.Doubles,
        _ => TensorEncoding.UInt64Varints,
    };

    /// <summary>
    /// Bytes of the field: in memory when few, otherwise their place. Adds to <paramref name="earlier"/> when the field comes in parts.
    /// </summary>
    static TensorData Contents(ProtoReader r, WireType wire, TensorEncoding encoding, TensorData? earlier, ref long? stored)
    {
        if (earlier is not null && (earlier.Encoding != encoding || encoding == TensorEncoding.Raw))
            throw r.Error("a tensor has its contents twice");
        var isVarint = encoding is TensorEncoding.Int32Varints or TensorEncoding.Int64Varints or TensorEncoding.UInt64Varints;
        if (wire != WireType.Bytes)
        {
            // One number at a time: legal, but no writer in use does it.
            var single = new ArrayBufferWriter<byte>();
            if (earlier is not null)
                throw r.Error("a tensor's numbers are not packed");
            r.Keep(ref single!, 1, wire);
            stored = 1;
            return new TensorData(single.WrittenMemory[1..], encoding);
        }
        var length = r.Length(wire);
        if (earlier is { Length: > 0 })
            throw r.Error("a tensor's numbers come in several parts");
        if (encoding is TensorEncoding.Floats or TensorEncoding.Doubles)
        {
            var size = encoding == TensorEncoding.Floats ? 4 : 8;
            if (length % size != 0)
                throw r.Error($"a list of numbers has {length} bytes, expected a multiple of {size}");
            stored = length / size;
        }
        if (length > InlineLimit && r.File is not null)
        {
            var data = new TensorData(r.File, r.Position, length, encoding);
            if (isVarint)
                stored = r.CountVarints(length);
            else
                r.SkipBytes(length);
            return data;
        }
        if (isVarint)
        {
            var start = r.Position;
            stored = r.CountVarints(length);
            return new TensorData(r.Again(start), encoding);
        }
        return new TensorData(r.Take(length), encoding);
    }

    static long Count(ProtoReader r, string name, long[] dims)
    {
        long count = 1;
        for (var i = 0; i < dims.Length; i++)
        {
            if (dims[i] < 0)
                throw r.Error($"dimension {i} of tensor '{name}' is {dims[i]}, expected 0 or more");
            try
            {
                count = checked(count * dims[i]);
            }
            catch (OverflowException)
            {
                throw r.Error($"the shape [{string.Join(", ", dims)}] of tensor '{name}' has more elements than can be counted");
            }
        }
        return count;
    }

    /// <summary>Declared shape against the bytes that are there.</summary>
    static void Check(ProtoReader r, string name, OnnxType type, long[] dims, long count, TensorData? data, long? stored)
    {
        var bits = type.Bits();
        if (bits == 0 && type != OnnxType.String)
            throw r.Error($"tensor '{name}' has the unknown element type {(int)type}");
        var found = data?.Length ?? 0;
        string? problem = null;
        if (data is null or { Encoding: TensorEncoding.Raw })
        {
            if (type == OnnxType.String)
                problem = count == 0 ? null : "no strings";
            else if (Bytes(count, bits) != (UInt128)found)
                problem = $"{found} bytes";
        }
        else
        {
            var expected = data.Encoding switch
            {
                TensorEncoding.Int32Varints when bits < 8 => Bytes(count, bits),
                TensorEncoding.Floats when type == OnnxType.Complex64 => (UInt128)count * 2,
                TensorEncoding.Doubles when type == OnnxType.Complex128 => (UInt128)count * 2,
                _ => (UInt128)count,
            };
            if ((UInt128)(stored ?? 0) != expected || !Fits(data.Encoding, type))
                problem = $"{stored ?? 0} {data.Encoding.ToString().ToLowerInvariant()}";
        }
        if (problem is not null)
        {
            throw r.Error($"tensor '{name}' is declared as {type.Text()}[{string.Join(", ", dims)}]"
                + (bits > 0 ? $" ({Bytes(count, bits).ToString(CultureInfo.InvariantCulture)} bytes)" : "") + $", but has {problem}");
        }
    }

    static UInt128 Bytes(long count, int bits) => ((UInt128)count * (uint)bits + 7) / 8;

    static bool Fits(TensorEncoding encoding, OnnxType type) => encoding switch
    {
        TensorEncoding.Floats => type is OnnxType.Float or OnnxType.Complex64,
        TensorEncoding.Doubles => type is OnnxType.Double or OnnxType.Complex128,
        TensorEncoding.Int64Varints => type is OnnxType.Int64,
        TensorEncoding.UInt64Varints => type is OnnxType.UInt64 or OnnxType.UInt32,
        TensorEncoding.Strings => type is OnnxType.String,
        _ => type.Bits() is > 0 and <= 32 && type is not OnnxType.Float and not OnnxType.UInt32,
    };

    /// <summary>A StringStringEntryProto.</summary>
    internal static (string Key, string Value) Entry(ProtoReader r)
    {
        string key = "", value = "";
        while (r.Next(out var field, out var wire))
        {
            switch (field)
            {
                case 1: key = r.Text(wire); break;
                case 2: value = r.Text(wire); break;
                default: r.Skip(wire); break;
            }
        }
        return (key, value);
    }
}
