using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrtPeft.Graphs.Files;

enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads the protobuf wire format from a file or from memory. Every declared length is compared with what is left of the surrounding
/// message before anything is allocated, and nesting is counted, so a broken or hostile file costs no more than its own size.
/// </summary>
sealed class ProtoReader : IDisposable
{
    /// <summary>The limit protobuf itself sets.</summary>
    const int MaxDepth = 100;

    static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    readonly string _name;
    readonly SafeFileHandle? _handle;
    readonly long _length;
    readonly List<(string Field, int Index)> _path = [];
    byte[] _buffer;
    long _bufferStart;
    int _bufferLength;
    long _position;
    long _end;

    internal ProtoReader(SourceFile file)
    {
        _name = file.Path;
        File = file;
        _handle = file.Open();
        _length = _end = file.Length;
        _buffer = new byte[(int)Math.Min(file.Length, 1 << 16)];
    }

    internal ProtoReader(ReadOnlyMemory<byte> bytes, string name)
    {
        _name = name;
        _length = _end = bytes.Length;
        _buffer = bytes.ToArray();
        _bufferLength = _buffer.Length;
    }

    /// <summary>The file that is read; null when reading from memory.</summary>
    internal SourceFile? File { get; }

    internal long Position => _position;

    public void Dispose() => _handle?.Dispose();

    /// <summary>The next field of the current message; false at its end.</summary>
    internal bool Next(out int field, out WireType wire)
    {
        field = 0;
        wire = 0;
        if (_position == _end)
            return false;
        var tag = Varint();
        field = (int)(tag >> 3);
        wire = (WireType)(tag & 7);
        if (tag > uint.MaxValue || field == 0 || wire is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32))
            throw Error("the bytes are no protobuf message; the file is damaged or is not ONNX");
        return true;
    }

    /// <summary>Reads a nested message; <paramref name="field"/> and <paramref name="index"/> name it in errors.</summary>
    internal T Message<T>(WireType wire, string field, int index, Func<ProtoReader, T> read)
    {
        _path.Add((field, index));
        var length = Length(wire);
        if (_path.Count > MaxDepth)
            throw Error($"nested deeper than {MaxDepth} messages, more than any exporter writes");
        var outer = _end;
        _end = _position + length;
        var value = read(this);
        _end = outer;
        _path.RemoveAt(_path.Count - 1);
        return value;
    }

    /// <summary>The length of a length-delimited field, checked against what is left.</summary>
    internal long Length(WireType wire)
    {
        Expect(wire, WireType.Bytes);
        var length = Varint();
        var left = (ulong)(_end - _position);
        if (length > left)
            throw Error($"{length} bytes are declared, {left} are left: the file is truncated or damaged");
        return (long)length;
    }

    internal byte[] Bytes(WireType wire) => Take(Length(wire));

    /// <summary>A string; broken UTF-8 and NUL are refused, because replacing them would make different names equal.</summary>
    internal string Text(WireType wire)
    {
        var length = Length(wire);
        if (length == 0)
            return "";
        try
        {
            string text;
            if (TryBuffer(length))
            {
                text = StrictUtf8.GetString(_buffer, (int)(_position - _bufferStart), (int)length);
                _position += length;
            }
            else
                text = StrictUtf8.GetString(Take(length));
            return text.Contains('\0', StringComparison.Ordinal) ? throw Error("a name contains a NUL character") : text;
        }
        catch (DecoderFallbackException)
        {
            throw Error("a name is not valid UTF-8");
        }
    }

    internal long Int64(WireType wire)
    {
        Expect(wire, WireType.Varint);
        return (long)Varint();
    }

    internal int Int32(WireType wire) => (int)Int64(wire);

    internal float Float(WireType wire)
    {
        Expect(wire, WireType.Fixed32);
        Span<byte> bytes = stackalloc byte[4];
        Take(bytes);
        return BinaryPrimitives.ReadSingleLittleEndian(bytes);
    }

    /// <summary>One number, or a packed list of numbers, of a repeated integer field.</summary>
    internal void Int64s(WireType wire, List<long> values)
    {
        if (wire != WireType.Bytes)
        {
            values.Add(Int64(wire));
            return;
        }
        var end = Length(wire) + _position;
        while (_position < end)
            values.Add((long)Varint(end));
    }

    /// <summary>One number, or a packed list of numbers, of a repeated float field.</summary>
    internal void Floats(WireType wire, List<float> values)
    {
        if (wire != WireType.Bytes)
        {
            values.Add(Float(wire));
            return;
        }
        var length = Length(wire);
        if (length % sizeof(float) != 0)
            throw Error($"a list of floats has {length} bytes, expected a multiple of 4");
        for (var i = 0; i < length; i += sizeof(float))
            values.Add(Float(WireType.Fixed32));
    }

    /// <summary>Counts the packed numbers of the next <paramref name="length"/> bytes and goes past them.</summary>
    internal long CountVarints(long length)
    {
        var end = _position + length;
        long count = 0;
        for (; _position < end; count++)
            Varint(end);
        return count;
    }

    /// <summary>Goes past the value of a field.</summary>
    internal void Skip(WireType wire)
    {
        switch (wire)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Bytes:
                SkipBytes(Length(wire));
                break;
            default:
                var size = wire == WireType.Fixed32 ? 4 : 8;
                if (_end - _position < size)
                    throw Error("the file ends inside a number");
                _position += size;
                break;
        }
    }

    internal void SkipBytes(long length) => _position += length;

    /// <summary>Keeps a field this library does not interpret: appends tag and value to <paramref name="rest"/>.</summary>
    internal void Keep(ref ArrayBufferWriter<byte>? rest, int field, WireType wire)
    {
        var start = _position;
        Skip(wire);
        var length = (int)Math.Min(_position - start, Array.MaxLength);
        _position = start;
        rest ??= new ArrayBufferWriter<byte>();
        ProtoWriter.WriteVarint(rest, (ulong)field << 3 | (uint)wire);
        Take(rest.GetSpan(length)[..length]);
        rest.Advance(length);
    }

    internal byte[] Take(long length)
    {
        if (length > Array.MaxLength)
            throw Error($"{length} bytes in one value are more than can be read");
        var bytes = new byte[length];
        Take(bytes);
        return bytes;
    }

    /// <summary>The bytes from <paramref name="start"/> up to here, read again.</summary>
    internal byte[] Again(long start)
    {
        var length = _position - start;
        _position = start;
        return Take(length);
    }

    /// <summary>The next bytes without going past them; fewer when the message ends.</summary>
    internal byte[] Peek(int count)
    {
        var start = _position;
        var bytes = Take(Math.Min(count, _end - _position));
        _position = start;
        return bytes;
    }

    internal OnnxException Error(string problem)
    {
        var where = string.Join('.', _path.Take(12).Select(p => p.Index < 0 ? p.Field : $"{p.Field}[{p.Index}]"));
        return new OnnxException($"'{_name}' is no valid ONNX model: {problem} (at byte {_position}{(where.Length > 0 ? ", in " : "")}{where}).");
    }

    void Expect(WireType wire, WireType expected)
    {
        if (wire != expected)
            throw Error($"a field has wire type {wire}, expected {expected}");
    }

    ulong Varint() => Varint(_end);

    ulong Varint(long end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position >= end)
                throw Error("the file ends inside a number");
            if (_position - _bufferStart is var at && (at < 0 || at >= _bufferLength))
            {
                Fill();
                at = 0;
            }
            var b = _buffer[at];
            _position++;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw Error("a number is longer than 10 bytes; the file is damaged or is not ONNX");
    }

    void Take(Span<byte> destination)
    {
        if (destination.Length > _end - _position)
            throw Error("the file ends inside a value");
        if (destination.IsEmpty)
            return;
        if (TryBuffer(destination.Length))
            _buffer.AsSpan((int)(_position - _bufferStart), destination.Length).CopyTo(destination);
        else
            File!.Read(_handle!, _position, destination);
        _position += destination.Length;
    }

    /// <summary>Makes the next bytes available in the buffer; false when they are more than it holds.</summary>
    bool TryBuffer(long length)
    {
        var at = _position - _bufferStart;
        if (at >= 0 && at + length <= _bufferLength)
            return true;
        if (_handle is null || length > _buffer.Length)
            return false;
        Fill();
        return true;
    }

    void Fill()
    {
        _bufferStart = _position;
        _bufferLength = (int)Math.Min(_buffer.Length, _length - _position);
        File!.Read(_handle!, _position, _buffer.AsSpan(0, _bufferLength));
    }
}
