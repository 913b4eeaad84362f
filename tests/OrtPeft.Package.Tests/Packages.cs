using System.IO.Compression;
using System.Xml.Linq;

namespace OrtPeft.Tests;

/// <summary>The packages of this working tree, packed once for all tests of the run, under a version that nothing else has.</summary>
[SetUpFixture]
public sealed class Packages
{
    static DirectoryInfo? _temporary;

    internal static string Version { get; } = $"0.0.0-test.g{Guid.NewGuid():N}";

    /// <summary>The repository.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>A folder outside the repository that is deleted after the run.</summary>
    internal static string Temporary => _temporary!.FullName;

    /// <summary>Where the packages lie.</summary>
    internal static string Folder => Path.Combine(Temporary, "packages");

    [OneTimeSetUp]
    public void Pack()
    {
        _temporary = Directory.CreateTempSubdirectory("ortpeft-packages-");
        // Built beside, not in, the working tree: nothing there is overwritten, and other tests may run at the same time.
        string[] options = ["--artifacts-path", Path.Combine(Temporary, "build"), "--output", Folder, $"-p:Version={Version}", "-p:RunAnalyzers=false"];
        DotNet.Run(Root, ["pack", "src/OrtPeft.Cli", .. options]);
        DotNet.Run(Root, ["pack", "src/OrtPeft", "--no-build", .. options]);
        DotNet.Run(Root, ["pack", "src/OrtPeft.OnnxRuntime", "--no-build", .. options]);
    }

    [OneTimeTearDown]
    public void Delete() => _temporary?.Delete(recursive: true);

    /// <summary>Opens a package; the caller disposes it.</summary>
    internal static ZipArchive Open(string id, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Folder, $"{id}.{Version}.{extension}"));

    /// <summary>A package's metadata, without its XML namespace.</summary>
    internal static XElement Metadata(ZipArchive package, string id)
    {
        using var stream = package.GetEntry($"{id}.nuspec")!.Open();
        var root = XElement.Load(stream);
        foreach (var element in root.DescendantsAndSelf())
            element.Name = element.Name.LocalName;
        return root.Element("metadata")!;
    }

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrtPeft.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie inside the repository.");
        return folder;
    }
}
