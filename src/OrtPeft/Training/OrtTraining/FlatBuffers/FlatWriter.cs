using System.Buffers.Binary;
using System.Text;

namespace OrtPeft;

/// <summary>
/// Writes the flatbuffers format (flatbuffers.dev, "internals"): little endian; a table points back to its vtable, which says where each field
/// lies; strings, vectors and tables lie behind what refers to them. A table with no field left out shares nothing with others.
/// </summary>
sealed class FlatWriter
{
    readonly MemoryStream _stream;

    FlatWriter(MemoryStream stream) => _stream = stream;

    /// <summary>A whole file: root offset, four letters that name the format, then the tables.</summary>
    /// <exception cref="OrtPeftException">It would have more than 2 GB, the most that the format's offsets reach.</exception>
    internal static MemoryStream File(string identifier, FlatValue.Table root)
    {
        var stream = new MemoryStream();
        var writer = new FlatWriter(stream);
        try
        {
            writer.Zeros(4);
            writer._stream.Write(Encoding.ASCII.GetBytes(identifier));
            writer.Patch(0, writer.Write(root));
            return stream;
        }
        catch (Exception e) when (e is IOException or NotSupportedException or OverflowException or ArgumentOutOfRangeException)
        {
            throw new OrtPeftException("The tensors have more than 2 GB, the most that fits into a flatbuffer file.", e);
        }
    }

    int Position => checked((int)_stream.Position);

    int Write(FlatValue value)
    {
        switch (value)
        {
            case FlatValue.Table table:
                return Write(table);
            case FlatValue.Tables tables:
                return Write(tables);
            case FlatValue.Text text:
                var bytes = Encoding.UTF8.GetBytes(text.Value);
                var start = Write(new FlatValue.Vector(bytes, 1, 1));
                _stream.WriteByte(0);
                return start;
            case FlatValue.Vector vector:
                return Write(vector);
            default:
                throw new ArgumentException($"{value.GetType()} lies inside a table.", nameof(value));
        }
    }

    int Write(FlatValue.Table table)
    {
        // Large fields first, so that nothing but the end of the table needs padding.
        var size = 4;
        var offsets = new int[table.Slots.Length];
        var eights = Slots(8).ToArray();
        if (eights.Length > 0)
            size = 8;
        foreach (var slot in eights.Concat(Slots(4)).Concat(Slots(1)))
        {
            offsets[slot] = size;
            size += SizeOf(table.Slots[slot]);
        }

        // The vtable lies right before its table, whose start has the alignment of its largest field.
        var vtableSize = 4 + 2 * offsets.Length;
        Align(eights.Length > 0 ? 8 : 4, vtableSize);
        var vtable = Position;
        Number16(vtableSize);
        Number16(size);
        foreach (var offset in offsets)
            Number16(offset);
        var start = Position;
        Zeros(size);
        Overwrite(start, start - vtable);
        var children = new List<(int At, FlatValue Value)>();
        for (var slot = 0; slot < offsets.Length; slot++)
        {
            if (table.Slots[slot] is FlatValue.Number number)
                Overwrite(start + offsets[slot], number.Bytes.Span);
            else if (table.Slots[slot] is { } child)
                children.Add((start + offsets[slot], child));
        }
        foreach (var (at, child) in children)
            Patch(at, Write(child));
        return start;

        IEnumerable<int> Slots(int size) => Enumerable.Range(0, table.Slots.Length).Where(s => table.Slots[s] is { } value && SizeOf(value) == size);
    }

    int Write(FlatValue.Tables tables)
    {
        Align(4, 0);
        var start = Position;
        Zeros(4 + 4 * tables.Items.Count);
        Overwrite(start, tables.Items.Count);
        for (var i = 0; i < tables.Items.Count; i++)
            Patch(start + 4 + 4 * i, Write(tables.Items[i]));
        return start;
    }

    int Write(FlatValue.Vector vector)
    {
        Align(Math.Max(4, vector.Alignment), 4);
        var start = Position;
        Zeros(4);
        Overwrite(start, vector.Bytes.Length / vector.ElementSize);
        _stream.Write(vector.Bytes.Span);
        return start;
    }

    /// <summary>Bytes a field takes inside its table: an offset, or the number itself.</summary>
    static int SizeOf(FlatValue? value) => value is FlatValue.Number number ? number.Bytes.Length : 4;

    /// <summary>Pads until the byte that lies <paramref name="ahead"/> bytes further has the alignment.</summary>
    void Align(int alignment, int ahead) => Zeros((alignment - (Position + ahead) % alignment) % alignment);

    void Zeros(int count)
    {
        _ = checked(Position + count);
        for (var i = 0; i < count; i++)
            _stream.WriteByte(0);
    }

    void Number16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        _stream.Write(bytes);
    }

    /// <summary>Lets the offset at <paramref name="at"/>, which counts from itself, point to <paramref name="target"/>.</summary>
    void Patch(int at, int target) => Overwrite(at, target - at);

    void Overwrite(int at, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Overwrite(at, bytes);
    }

    void Overwrite(int at, ReadOnlySpan<byte> bytes)
    {
        var end = _stream.Position;
        _stream.Position = at;
        _stream.Write(bytes);
        _stream.Position = end;
    }
}
