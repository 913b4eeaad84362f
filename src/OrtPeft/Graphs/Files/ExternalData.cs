using System.Globalization;

namespace OrtPeft.Graphs.Files;

/// <summary>
/// Finds external data and refuses what is not the model's own: it must lie, by its real path, inside the model's folder. The one
/// exception is the cache of the Hugging Face hub, where a snapshot's files are links into the <c>blobs</c> folder of the same repository.
/// </summary>
sealed class ExternalData(string folder)
{
    static readonly string[] Keys = ["location", "offset", "length", "checksum"];

    readonly string _folder = RealPath(folder);
    readonly string? _blobs = BlobsOf(RealPath(folder));
    readonly Dictionary<string, SourceFile> _files = [];

    /// <summary>The place of a tensor's contents.</summary>
    /// <param name="tensor">The tensor's name, for messages.</param>
    /// <param name="entries">The key-value pairs of the file.</param>
    /// <param name="size">Bytes that type and shape ask for.</param>
    internal (TensorData Data, string? Checksum) Locate(string tensor, Dictionary<string, string> entries, long size)
    {
        if (entries.Keys.FirstOrDefault(k => !Keys.Contains(k)) is { } unknown)
            throw Refused(tensor, $"has the unknown key '{unknown}'; known are {string.Join(", ", Keys)}");
        if (!entries.TryGetValue("location", out var location) || location.Length == 0)
            throw Refused(tensor, "has no location");
        var offset = Number(tensor, entries, "offset") ?? 0;
        var file = Open(tensor, location);
        if (offset > file.Length)
            throw Refused(tensor, $"begins at byte {offset} of '{location}', which has only {file.Length}");
        var length = Number(tensor, entries, "length") ?? size;
        if (length > file.Length - offset)
            throw Refused(tensor, $"asks for bytes {offset} to {(ulong)offset + (ulong)length} of '{location}', which has only {file.Length}");
        if (length != size)
            throw Refused(tensor, $"has {length} bytes, but its type and shape need {size}");
        return (new TensorData(file, offset, length, isExternal: true), entries.GetValueOrDefault("checksum"));
    }

    SourceFile Open(string tensor, string location)
    {
        if (_files.TryGetValue(location, out var known))
            return known;
        var file = SourceFile.At(Resolve(tensor, location));
        _files.Add(location, file);
        return file;
    }

    string Resolve(string tensor, string location)
    {
        if (location.StartsWith("*/", StringComparison.Ordinal))
            throw Refused(tensor, $"refers to memory of another process ('{location}'), not to a file");
        if (location.Any(char.IsControl))
            throw Refused(tensor, "has a location with control characters");
        if (Path.IsPathRooted(location) || location[0] is '/' or '\\' || (location.Length > 1 && location[1] == ':'))
            throw Refused(tensor, $"has the absolute location '{location}'; only files in the model's own folder are read");
        if (location.Split('/', '\\').Any(part => part is ".." or ".") || location.Contains(':', StringComparison.Ordinal))
            throw Refused(tensor, $"has the location '{location}', which leaves the model's folder");
        var path = Path.Combine(_folder, location.Replace('\\', '/'));
        if (!File.Exists(path))
            throw Refused(tensor, $"lies in '{location}', which is {(Directory.Exists(path) ? "a folder" : $"missing from '{folder}'")}");
        var real = RealPath(path);
        return IsInside(real, _folder) || (_blobs is not null && IsInside(real, _blobs)) ? real
            : throw Refused(tensor, $"has the location '{location}', a link that leaves the model's folder");
    }

    static long? Number(string tensor, Dictionary<string, string> entries, string key)
    {
        if (!entries.TryGetValue(key, out var text))
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
            : throw Refused(tensor, $"has the {key} '{(text.Length > 40 ? text[..40] : text)}', expected a number of 0 or more");
    }

    static OnnxException Refused(string tensor, string problem) => new($"External data of tensor '{tensor}' {problem}.");

    static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary><c>models--owner--name/blobs</c> for a folder in <c>models--owner--name/snapshots/revision</c>.</summary>
    static string? BlobsOf(string folder)
    {
        for (var current = new DirectoryInfo(folder); current.Parent is { } parent; current = parent)
        {
            if (parent is { Name: "snapshots", Parent: { } repository } && Path.Combine(repository.FullName, "blobs") is var blobs
                && Directory.Exists(blobs))
                return RealPath(blobs);
        }
        return null;
    }

    /// <summary>The path with every link on the way replaced by what it leads to.</summary>
    static string RealPath(string path)
    {
        path = Path.GetFullPath(path);
        // A chain of links longer than this is a loop.
        for (var links = 0; links < 40; links++)
        {
            if (FirstLink(path) is not var (link, target))
                return path;
            path = Path.GetFullPath(Path.Combine(target, Path.GetRelativePath(link, path)));
        }
        throw new OnnxException($"'{path}' goes through too many links.");
    }

    static (string Link, string Target)? FirstLink(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var current = root;
        foreach (var part in path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var parent = current;
            current = Path.Combine(current, part);
            if (new FileInfo(current).LinkTarget is { } target)
                return (current, Path.GetFullPath(target, parent));
        }
        return null;
    }
}
