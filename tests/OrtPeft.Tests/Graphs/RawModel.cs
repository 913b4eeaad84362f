using System.Text;

namespace OrtPeft.Tests.Graphs;

/// <summary>Model files written byte by byte, right or wrong: y = x + w.</summary>
static class RawModel
{
    internal static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    internal static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    internal static byte[] Bytes(int field, params byte[][] parts) =>
        [.. Varint((ulong)field << 3 | 2), .. Varint((ulong)parts.Sum(p => (long)p.Length)), .. parts.SelectMany(p => p)];

    internal static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    internal static byte[] Node(string op, string[] inputs, string[] outputs, string domain = "", params byte[][] more) => Bytes(1,
        [.. inputs.Select(i => Text(1, i)), .. outputs.Select(o => Text(2, o)), Text(4, op), .. domain.Length > 0 ? new[] { Text(7, domain) } : [], .. more]);

    internal static byte[] Value(int field, string name, params long[] shape) => Bytes(field, Text(1, name),
        Bytes(2, Bytes(1, Number(1, 1), Bytes(2, [.. shape.Select(d => Bytes(1, Number(1, d)))]))));

    /// <summary>A float tensor; contents are raw bytes of 1, 2, 3 unless given.</summary>
    internal static byte[] Tensor(string name, long[] dims, byte[]? raw = null, params byte[][] more) => Bytes(5,
        [.. dims.Select(d => Number(1, d)), Number(2, 1), Text(8, name), Bytes(9, raw ?? [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64]), .. more]);

    /// <summary>A float tensor of three elements whose contents lie in another file.</summary>
    internal static byte[] External(string name, params (string Key, string Value)[] entries) => Bytes(5,
        [Number(1, 3), Number(2, 1), Text(8, name), .. entries.Select(e => Bytes(13, Text(1, e.Key), Text(2, e.Value))), Number(14, 1)]);

    internal static byte[] Model(byte[][] graph, long opset = 17, params byte[][] more) =>
        [.. Number(1, 8), .. Bytes(7, graph), .. Bytes(8, Number(2, opset)), .. more.SelectMany(m => m)];

    /// <summary>y = x + w with another node or another weight.</summary>
    internal static byte[] Add(byte[]? weight = null, byte[][]? nodes = null, long opset = 17, params byte[][] more) => Model(
        [.. nodes ?? [Node("Add", ["x", "w"], ["y"])], Text(2, "g"), weight ?? Tensor("w", [3]), Value(11, "x", 3), Value(12, "y", 3)], opset, more);
}
