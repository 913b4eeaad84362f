using System.Numerics;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>CRC-32C (Castagnoli), as hardware computes it.</summary>
static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>, or of what <paramref name="previous"/> was the checksum of, followed by it.</summary>
    internal static uint Compute(ReadOnlySpan<byte> data, uint previous = 0)
    {
        var crc = ~previous;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        foreach (var b in data[(words.Length * 8)..])
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>The checksum of a whole file, eight hexadecimal digits.</summary>
    internal static string OfFile(string path)
    {
        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            uint crc = 0;
            long position = 0;
            while (RandomAccess.Read(handle, buffer, position) is var read and > 0)
            {
                crc = Compute(buffer.AsSpan(0, read), crc);
                position += read;
            }
            return Format(crc);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal static string Format(uint crc) => crc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
}
