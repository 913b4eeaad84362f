namespace OrtPeft;

/// <summary>Paths of images in a data file: relative to it, and never out of its folder.</summary>
static class ImagePaths
{
    internal static ImageSource Resolve(LineReader lines, long line, string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(lines.Path))!;
        var full = path.Length == 0 || path.Contains('\0') ? "" : Path.GetFullPath(Path.Combine(folder, path));
        return full.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? ImageSource.FromFile(Path.Combine(Path.GetDirectoryName(lines.Path)!, Path.GetRelativePath(folder, full)))
            : throw DataError.At(lines.Path, line, $"the image {DataError.Quote(path)} does not lie in the folder of the data file; expected a path relative to that folder, such as images/1.png.");
    }
}
