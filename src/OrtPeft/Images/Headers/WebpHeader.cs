using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>WebP: a RIFF container whose first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended, which says whether it moves).</summary>
static class WebpHeader
{
    const int FirstChunk = 12, Data = FirstChunk + 8;
    const byte Animated = 0x02;

    internal static ImageHeader Read(byte[] file)
    {
        var complete = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4)) + 8L <= file.Length;
        if (!file.AsSpan(8, 4).SequenceEqual("WEBP"u8))
            return new ImageHeader(0, 0, "a RIFF file that is no WebP", complete);
        var kind = file.AsSpan(FirstChunk, 4);
        if (kind.SequenceEqual("VP8X"u8))
            return new ImageHeader(1 + UInt24(Data + 4), 1 + UInt24(Data + 7), (file[Data] & Animated) != 0 ? "an animated WebP" : null, complete);
        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(Data + 1));
            return new ImageHeader(1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff), null, complete);
        }
        // Behind the frame tag and the start code of VP8: 14 bits each.
        return new ImageHeader(BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(Data + 6)) & 0x3fff, BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(Data + 8)) & 0x3fff, null, complete);

        int UInt24(int at) => file[at] | file[at + 1] << 8 | file[at + 2] << 16;
    }
}
