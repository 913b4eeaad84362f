using System.IO.Compression;
using System.Text.Json;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>An image file with what Pillow makes of it (Fixtures/images/make.py); pixels are row by row, red, green and blue side by side.</summary>
sealed record ImageCase(string Name, byte[] File, int Width, int Height, byte[] Rgb, byte[] Grey, ResizedCase[] Resized)
{
    public override string ToString() => Name;
}

/// <summary>The same image resized by Pillow.</summary>
sealed record ResizedCase(int Height, int Width, string Filter, byte[] Rgb);

/// <summary>Image files that must be read, and others that must be refused.</summary>
sealed record ImageCases(ImageCase[] Good, Dictionary<string, byte[]> Bad)
{
    static readonly JsonSerializerOptions Lower = new() { PropertyNameCaseInsensitive = true };

    internal static ImageCases All { get; } = Read();

    static ImageCases Read()
    {
        using var file = System.IO.File.OpenRead(Path.Combine(FixtureFiles.Folder, "images", "cases.json.gz"));
        using var json = new GZipStream(file, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<ImageCases>(json, Lower)!;
    }
}
