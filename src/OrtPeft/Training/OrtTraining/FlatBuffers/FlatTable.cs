using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>A table of a flatbuffer. Fields are known by their slots; one that is not there has its default.</summary>
readonly record struct FlatTable(FlatReader Reader, int Position, int Size, int VTable, int Slots)
{
    internal bool Has(int slot) => OffsetOf(slot) != 0;

    internal int Int32(int slot, int otherwise = 0) => Number(slot, 4) is { Length: > 0 } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : otherwise;

    internal long Int64(int slot, long otherwise = 0) => Number(slot, 8) is { Length: > 0 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : otherwise;

    internal float Single(int slot) => Number(slot, 4) is { Length: > 0 } bytes ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : 0;

    internal bool Bool(int slot) => Number(slot, 1) is { Length: > 0 } bytes && bytes[0] != 0;

    internal string? Text(int slot) => Follow(slot) is { } position ? Reader.Text(position) : null;

    internal FlatTable? Table(int slot) => Follow(slot) is { } position ? Reader.Table(position) : null;

    /// <summary>The bytes of a vector; null when it is not there.</summary>
    internal ReadOnlyMemory<byte>? Bytes(int slot) => Follow(slot) is { } position ? Reader.Vector(position, 1).Bytes : null;

    /// <summary>A vector of int64; null when it is not there.</summary>
    internal long[]? Int64s(int slot)
    {
        if (Follow(slot) is not { } position)
            return null;
        var (bytes, count) = Reader.Vector(position, 8);
        var values = new long[count];
        for (var i = 0; i < count; i++)
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[(8 * i)..]);
        return values;
    }

    /// <summary>A vector of tables, empty when it is not there.</summary>
    internal IEnumerable<FlatTable> Tables(int slot)
    {
        if (Follow(slot) is not { } position)
            yield break;
        var (_, count) = Reader.Vector(position, 4);
        for (var i = 0; i < count; i++)
            yield return Reader.Table(Reader.Follow(position + 4L + 4L * i));
    }

    int? Follow(int slot)
    {
        var offset = OffsetOf(slot);
        return offset == 0 ? null : Reader.Follow(Position + Inside(offset, 4));
    }

    ReadOnlySpan<byte> Number(int slot, int size)
    {
        var offset = OffsetOf(slot);
        return offset == 0 ? [] : Reader.Slice(Position + Inside(offset, size), size).Span;
    }

    int OffsetOf(int slot) => slot < Slots ? Reader.UInt16(VTable + 4L + 2L * slot) : 0;

    int Inside(int offset, int size) => offset >= 4 && offset + size <= Size
        ? offset
        : throw new FormatException($"a field of the table at byte {Position} lies outside of it");
}
