namespace OrtPeft;

/// <summary>A folder of images: each sub-folder is a label, images beside them have none. Ids are paths relative to the folder.</summary>
static class ImageFolderReader
{
    /// <summary>Files with these endings are examples, also those of formats that are not read: to leave them out silently would change the data.</summary>
    static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".heic", ".avif",
    };

    internal static IEnumerable<Example> Read(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file => Endings.Contains(Path.GetExtension(file)) && !file.Split('/').Any(part => part.StartsWith('.')))
            .Order(StringComparer.Ordinal);
        var any = false;
        foreach (var file in files)
        {
            any = true;
            yield return new Example
            {
                Id = file,
                Image = ImageSource.FromFile(Path.Combine(folder, file)),
                Label = file.IndexOf('/') is var slash and > 0 ? file[..slash] : null,
            };
        }
        if (!any)
            throw new OrtPeftException($"{folder} is a folder without images; expected a sub-folder of {string.Join(", ", ImageHeader.Names)} files for each label, or a data file.");
    }
}
