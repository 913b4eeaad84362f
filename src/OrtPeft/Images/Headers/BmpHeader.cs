using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>Windows bitmap: a file header of 14 bytes, then BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER and its successors (40 and more).</summary>
static class BmpHeader
{
    const int InfoHeader = 14, CoreSize = 12, Uncompressed = 0, Rows = 22;

    internal static ImageHeader Read(byte[] file)
    {
        var data = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(10));
        if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(InfoHeader)) == CoreSize)
            return Of(BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(18)), BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(20)), file[24], Uncompressed);
        // A negative number of rows says that they begin at the top.
        return Of(BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(18)), Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(Rows))),
            BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(28)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(30)));

        ImageHeader Of(long width, long height, int bits, uint compression)
        {
            var stride = (Math.Max(0, width) * bits + 31) / 32 * 4;
            return new ImageHeader(width, height, null, compression != Uncompressed || Math.Min(height, file.Length) * stride + data <= file.Length);
        }
    }
}
