using System.Buffers.Binary;

namespace OrtPeft;

/// <summary>JPEG (ITU-T T.81): segments that begin with a marker; a start-of-frame marker declares the size, end-of-image ends it.</summary>
static class JpegHeader
{
    const byte EndOfImage = 0xd9, StartOfScan = 0xda;

    internal static ImageHeader Read(byte[] file)
    {
        var (width, height, refused) = (0L, 0L, (string?)null);
        for (var at = 2; at + 1 < file.Length;)
        {
            if (file[at] != 0xff || file[at + 1] is 0xff)
            {
                at++; // padding, or coded data up to the next marker
                continue;
            }
            var marker = file[at + 1];
            at += 2;
            if (marker == EndOfImage)
                return new ImageHeader(width, height, refused, Complete: true);
            if (marker is 0x00 or 0x01 or (>= 0xd0 and <= 0xd8))
                continue; // a stuffed byte or a marker without a segment
            if (IsFrame(marker))
            {
                height = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 3));
                width = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 5));
                refused ??= file[at + 2] != 8 ? $"a JPEG of {file[at + 2]} bits a channel" : file[at + 7] == 4 ? "a CMYK JPEG" : null;
            }
            at += marker == StartOfScan && at + 1 >= file.Length ? 2 : BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at));
        }
        return new ImageHeader(width, height, refused, Complete: false);
    }

    /// <summary>SOF0 to SOF15 without DHT, JPG and DAC, which lie between them.</summary>
    static bool IsFrame(byte marker) => marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc);
}
