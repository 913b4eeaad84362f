using System.IO.Compression;
using System.Text;
using NUnit.Framework;

namespace OrtPeft.Tests.Data;

/// <summary>A folder for one test's files, removed afterwards.</summary>
sealed class DataFiles : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ortpeft-data-");

    internal string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    internal string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    internal string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    internal static byte[] Gzip(string text)
    {
        using MemoryStream result = new();
        using (GZipStream gzip = new(result, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return result.ToArray();
    }

    /// <summary>The message of the error that loading these contents gives, without the folder.</summary>
    internal string ErrorOf(string name, string text, ColumnNames? columns = null) => ErrorOf(Write(name, text), columns);

    internal string ErrorOf(string path, ColumnNames? columns = null) =>
        Assert.Throws<OrtPeftException>(() => TextData.Load(path, columns))!.Message.Replace(_folder.FullName + System.IO.Path.DirectorySeparatorChar, "");

    public void Dispose() => _folder.Delete(recursive: true);
}
