namespace OrtPeft;

/// <summary>A value of a flatbuffer that is to be written.</summary>
abstract record FlatValue
{
    /// <summary>A table: its fields by slot, null where the default holds.</summary>
    internal sealed record Table(params FlatValue?[] Slots) : FlatValue;

    /// <summary>A vector of tables.</summary>
    internal sealed record Tables(IReadOnlyList<Table> Items) : FlatValue;

    /// <summary>UTF-8, with its length in front and a zero behind.</summary>
    internal sealed record Text(string Value) : FlatValue;

    /// <summary>A vector of elements without further structure.</summary>
    internal sealed record Vector(ReadOnlyMemory<byte> Bytes, int ElementSize, int Alignment) : FlatValue;

    /// <summary>A number that lies in the table itself.</summary>
    internal sealed record Number(ReadOnlyMemory<byte> Bytes) : FlatValue;

    internal static Number Of(bool value) => new(BitConverter.GetBytes(value));

    internal static Number Of(int value) => new(BitConverter.GetBytes(value));

    internal static Number Of(long value) => new(BitConverter.GetBytes(value));

    internal static Number Of(float value) => new(BitConverter.GetBytes(value));
}
