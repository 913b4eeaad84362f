using System.Security.Cryptography;

namespace OrtPeft;

/// <summary>The folder with a tokenizer's files. Remembers what was read, so that the tokenizer's hash covers all of it.</summary>
sealed class TokenizerFolder(string folder)
{
    // The largest published files have about 35 MB.
    const long LargestFile = 256L << 20;

    readonly List<byte[]> _read = [];

    internal string PathOf(string file) => Path.Combine(folder, file);

    internal bool Has(string file) => File.Exists(PathOf(file));

    internal byte[] Read(string file)
    {
        var path = PathOf(file);
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
                throw new OrtPeftException($"'{path}' does not exist. Give a model folder that contains tokenizer.json, or the file itself.");
            if (info.Length > LargestFile)
                throw new OrtPeftException($"'{path}' has {info.Length >> 20} MB; a tokenizer file has at most {LargestFile >> 20} MB. Is this the right file?");
            var bytes = File.ReadAllBytes(path);
            _read.Add(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    /// <summary>The lines of a text file; the last one may end without a line break.</summary>
    internal string[] ReadLines(string file)
    {
        var lines = System.Text.Encoding.UTF8.GetString(Read(file)).Split('\n');
        return [.. lines.Take(lines[^1].Length == 0 ? lines.Length - 1 : lines.Length).Select(l => l.TrimEnd('\r'))];
    }

    internal string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var bytes in _read)
            hash.AppendData(bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
