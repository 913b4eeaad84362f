using System.IO.Compression;

namespace OrtPeft.Tests.Graphs;

/// <summary>Finds fixture files in the source tree and opens archives.</summary>
static class FixtureFiles
{
    static readonly string Root = Find();

    internal static string Folder { get; } = Path.Combine(Root, "tests", "OrtPeft.Tests", "Fixtures");

    /// <summary>The backbone that the repository ships.</summary>
    internal static string ShippedModel { get; } = Path.Combine(Root, "onnx-models", "all-minilm-l6-v2", "model.onnx");

    internal static Dictionary<string, byte[]> Unzip(string path)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Folder, path));
        return archive.Entries.ToDictionary(e => e.FullName, Read);
    }

    static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrtPeft.sln")))
            folder = folder.Parent;
        return folder!.FullName;
    }
}
