using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrtPeft;

/// <summary>An image as an example holds it: the bytes of a PNG, JPEG, BMP or WebP file, or plain grey levels. It is decoded when its turn comes.</summary>
public sealed class ImageSource
{
    const long LargestFile = 256 << 20;

    readonly string? _path;
    readonly byte[]? _bytes;
    readonly Pixels? _pixels;
    readonly Lazy<byte[]> _sha256;

    ImageSource(string name, string? path = null, byte[]? bytes = null, Pixels? pixels = null)
    {
        (Name, _path, _bytes, _pixels) = (DataError.Harmless(name), path, bytes, pixels);
        _sha256 = new Lazy<byte[]>(() => pixels is null ? SHA256.HashData(Bytes()) : HashOf(pixels));
    }

    /// <summary>What messages call it: its path, or what was said when it was made, without control characters.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of what it holds, its name left out. A file is read when this is first asked for.</summary>
    internal ReadOnlySpan<byte> Sha256 => _sha256.Value;

    /// <summary>The image in a file, which is read when it is needed.</summary>
    public static ImageSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path, path: path);
    }

    /// <summary>The bytes of an image file.</summary>
    /// <param name="bytes">PNG, JPEG, BMP or WebP; not copied.</param>
    /// <param name="name">What messages call it.</param>
    public static ImageSource FromBytes(byte[] bytes, string name = "the image")
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new(name, bytes: bytes);
    }

    /// <summary>Grey levels row by row.</summary>
    /// <param name="levels">Height x width levels, 0 (black) to <paramref name="white"/>.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="white">The level that is white.</param>
    /// <param name="name">What messages call it.</param>
    public static ImageSource FromPixels(ReadOnlySpan<float> levels, int height, int width, float white = 255, string name = "the image")
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(levels.Length, height * width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(white);
        var scaled = new float[levels.Length];
        for (var i = 0; i < scaled.Length; i++)
            scaled[i] = levels[i] * (255 / white);
        return new(name, pixels: new Pixels(1, height, width, scaled, Whole: false));
    }

    /// <summary>The decoded image.</summary>
    /// <exception cref="BadImageException">It cannot be read, is damaged, or is of a kind that is not read.</exception>
    internal Pixels Decode()
    {
        if (_pixels is not null)
            return _pixels;
        var bytes = Bytes();
        if (_path is not null && !SHA256.HashData(bytes).AsSpan().SequenceEqual(Sha256))
            throw new BadImageException($"{Name} changed while it was being used.");
        return ImageDecoder.Decode(Name, bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    byte[] Bytes()
    {
        if (_bytes is not null)
            return _bytes;
        try
        {
            if (new FileInfo(_path!) is { Exists: true, Length: > LargestFile and var length })
                throw new BadImageException($"{Name} has {length >> 20} MiB; expected at most {LargestFile >> 20}.");
            return File.ReadAllBytes(_path!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadImageException($"{Name} cannot be read: {(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.'))}.", e);
        }
    }

    static byte[] HashOf(Pixels pixels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<int>([pixels.Channels, pixels.Height, pixels.Width]));
        hash.AppendData(MemoryMarshal.AsBytes<float>(pixels.Levels));
        return hash.GetHashAndReset();
    }
}
