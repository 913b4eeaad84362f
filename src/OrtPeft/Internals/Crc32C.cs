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

    /// <summary>The checksum of two stretches, one after the other, from their own and the length of the second.</summary>
    internal static uint Combine(uint first, uint second, long secondLength)
    {
        // The bytes behind multiply the polynomial that is the checksum by x^8 each, modulo the generator.
        var power = 1u << 23; // x^8; the highest bit is x^0
        for (; secondLength > 0; secondLength >>= 1)
        {
            if ((secondLength & 1) != 0)
                first = Multiply(first, power);
            power = Multiply(power, power);
        }
        return first ^ second;
    }

    static uint Multiply(uint a, uint b)
    {
        const uint Generator = 0x82F63B78;
        var product = 0u;
        for (var bit = 1u << 31; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0)
                product ^= b;
            b = (b & 1) != 0 ? (b >> 1) ^ Generator : b >> 1;
        }
        return product;
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
