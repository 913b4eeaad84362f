using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>PNG (ISO/IEC 15948): chunks of length, type, data, checksum; IHDR is the first, IEND the last. acTL makes it an animation.</summary>
static class PngHeader
{
    const int Signature = 8, Ihdr = Signature + 8;

    internal static ImageHeader Read(byte[] file)
    {
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(Ihdr)), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(Ihdr + 4)));
        var refused = file[Ihdr + 8] == 16 ? "a PNG of 16 bits a channel" : null;
        long at = Signature;
        while (at + 12 <= file.Length)
        {
            var type = file.AsSpan((int)at + 4, 4);
            at += 12 + BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (type.SequenceEqual("acTL"u8))
                refused ??= "an animated PNG";
            if (type.SequenceEqual("IEND"u8))
                return new ImageHeader(width, height, refused, at <= file.Length);
        }
        return new ImageHeader(width, height, refused, Complete: false);
    }
}
