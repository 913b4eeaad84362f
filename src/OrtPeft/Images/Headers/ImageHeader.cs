namespace OrtPeft;

/// <summary>What a file says of itself before anything is decoded.</summary>
/// <param name="Width">Declared columns.</param>
/// <param name="Height">Declared rows.</param>
/// <param name="Refused">Why the kind is not read, a noun; null when it is.</param>
/// <param name="Complete">Whether the file has its end.</param>
sealed record ImageHeader(long Width, long Height, string? Refused, bool Complete)
{
    const long LongestSide = 20_000, MostPixels = 50_000_000;

    /// <summary>Formats by the bytes that their files begin with.</summary>
    static readonly (string Name, byte[] Begin, Func<byte[], ImageHeader> Read)[] Formats =
    [
        ("PNG", [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a], PngHeader.Read),
        ("JPEG", [0xff, 0xd8, 0xff], JpegHeader.Read),
        ("BMP", [(byte)'B', (byte)'M'], BmpHeader.Read),
        ("WebP", [(byte)'R', (byte)'I', (byte)'F', (byte)'F'], WebpHeader.Read),
    ];

    internal static IEnumerable<string> Names => Formats.Select(f => f.Name);

    /// <exception cref="BadImageException">The file is empty, cut off, too large, or of a kind that is not read; the message says which.</exception>
    internal static void Check(string name, byte[] file)
    {
        if (file.Length == 0)
            throw Bad("is empty");
        var format = Formats.FirstOrDefault(f => file.AsSpan().StartsWith(f.Begin));
        if (format.Read is null)
            throw Bad($"is not an image that can be read; expected {string.Join(", ", Names)}");
        ImageHeader header;
        try
        {
            header = format.Read(file);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw Bad($"is cut off: its {format.Name} header is not complete", e); // every reader indexes the file, and the file ended
        }
        if (header.Refused is { } kind)
            throw Bad($"is {kind}, which would be misread; expected a still image of 8 bits a channel, RGB or grey");
        if (header.Width > LongestSide || header.Height > LongestSide || header.Width * header.Height > MostPixels)
            throw Bad($"declares {header.Width} x {header.Height} pixels; expected at most {LongestSide} a side and {MostPixels / 1_000_000} million in all");
        if (!header.Complete)
            throw Bad($"is cut off: the end of its {format.Name} data is missing");
        if (header.Width < 1 || header.Height < 1)
            throw Bad($"declares {header.Width} x {header.Height} pixels");

        BadImageException Bad(string what, Exception? inner = null) => new($"{name} {what}.", inner);
    }
}
