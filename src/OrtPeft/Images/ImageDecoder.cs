using System.Reflection;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Advanced;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace OrtPeft;

/// <summary>Decodes PNG, JPEG, BMP and WebP, turned as their EXIF orientation says. A file is only decoded after its header was accepted.</summary>
static class ImageDecoder
{
    /// <summary>Part of what decides a feature's value: another decoder may round otherwise.</summary>
    internal static readonly string Name =
        $"ImageSharp {typeof(Image).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    /// <summary>These four decoders only: flaws in the others cannot be reached.</summary>
    static readonly Configuration Formats = new(new PngConfigurationModule(), new JpegConfigurationModule(), new BmpConfigurationModule(), new WebpConfigurationModule());

    /// <summary>Red, green and blue; transparency is dropped, as Pillow's conversion to RGB does.</summary>
    /// <exception cref="BadImageException">The file is damaged or of a kind that is not read.</exception>
    internal static Pixels Decode(string name, byte[] file)
    {
        ImageHeader.Check(name, file);
        try
        {
            using var image = Image.Load<Rgba32>(Formats, file);
            image.Mutate(i => i.AutoOrient());
            return Planes(image);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What the decoder throws for hostile bytes is of many kinds.
            throw new BadImageException($"{name} is damaged: {e.Message.Split('\n')[0].TrimEnd('.', '!', '\r')}.", e);
        }
    }

    static Pixels Planes(Image<Rgba32> image)
    {
        var (width, height) = (image.Width, image.Height);
        var levels = new float[3 * width * height];
        for (var y = 0; y < height; y++)
        {
            var row = image.DangerousGetPixelRowMemory(y).Span;
            for (var x = 0; x < width; x++)
            {
                var i = y * width + x;
                (levels[i], levels[width * height + i], levels[2 * width * height + i]) = (row[x].R, row[x].G, row[x].B);
            }
        }
        return new Pixels(3, height, width, levels, Whole: true);
    }
}
