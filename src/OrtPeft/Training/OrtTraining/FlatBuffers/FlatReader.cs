using System.Buffers.Binary;
using System.Text;

namespace OrtPeft;

/// <summary>
/// Reads a flatbuffer file that anybody may have written: every offset and length is checked before it is followed, and a file cannot make
/// the reader do more work than its size allows (honest writers share vtables, never tables).
/// </summary>
sealed class FlatReader
{
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly ReadOnlyMemory<byte> _bytes;
    readonly HashSet<int> _tables = [];
    long _readable;

    FlatReader(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        // A writer may share equal names; who shares more wants to fill the reader's memory.
        _readable = 8L * bytes.Length;
    }

    /// <summary>The root table of a file that has the given identifier.</summary>
    /// <exception cref="FormatException">It is no such file.</exception>
    internal static FlatTable Root(ReadOnlyMemory<byte> bytes, string identifier)
    {
        var reader = new FlatReader(bytes);
        var found = reader.Slice(4, 4).Span;
        if (!found.SequenceEqual(Encoding.ASCII.GetBytes(identifier)))
            throw new FormatException($"bytes 4 to 7 are {Convert.ToHexString(found)}, expected the letters {identifier}");
        return reader.Table(reader.Follow(0));
    }

    internal FlatTable Table(int position)
    {
        if (!_tables.Add(position))
            throw new FormatException($"two places refer to the table at byte {position}");
        var vtable = (long)position - Int32(position);
        var vtableSize = UInt16(vtable);
        var size = UInt16(vtable + 2);
        if (vtableSize < 4 || vtableSize % 2 != 0 || size < 4)
            throw new FormatException($"the table at byte {position} has no sound description");
        Slice(vtable, vtableSize);
        Slice(position, size);
        return new FlatTable(this, position, size, (int)vtable, (vtableSize - 4) / 2);
    }

    /// <summary>Where the offset at <paramref name="at"/> leads; offsets lead forward.</summary>
    internal int Follow(long at)
    {
        var target = at + BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4).Span);
        if (target == at || target > _bytes.Length - 4)
            throw new FormatException($"the offset at byte {at} leads to byte {target} of {_bytes.Length}");
        return (int)target;
    }

    /// <summary>The elements of the vector at <paramref name="position"/> and how many there are.</summary>
    internal (ReadOnlyMemory<byte> Bytes, int Count) Vector(int position, int elementSize)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(Slice(position, 4).Span);
        var elements = Slice(position + 4L, (long)count * elementSize);
        _readable -= elements.Length;
        return _readable >= 0 ? (elements, (int)count) : throw new FormatException("its tables share their contents");
    }

    internal string Text(int position)
    {
        try
        {
            return StrictUtf8.GetString(Vector(position, 1).Bytes.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException($"the text at byte {position} is not valid UTF-8", e);
        }
    }

    internal int Int32(long at) => BinaryPrimitives.ReadInt32LittleEndian(Slice(at, 4).Span);

    internal ushort UInt16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2).Span);

    internal ReadOnlyMemory<byte> Slice(long start, long length) => start >= 0 && length >= 0 && start + length <= _bytes.Length
        ? _bytes.Slice((int)start, (int)length)
        : throw new FormatException($"it refers to bytes {start} to {start + length}, but has {_bytes.Length}");
}
