using System.Reflection.Metadata;

namespace OrtPeft.Tests;

/// <summary>What lies in the packages.</summary>
sealed class PackageContentTests
{
    static readonly string[] Natives =
    [
        "runtimes/linux-x64/native/libonnxruntime.so", "runtimes/osx-arm64/native/libonnxruntime.dylib",
        "runtimes/win-arm64/native/onnxruntime.dll", "runtimes/win-x64/native/onnxruntime.dll",
    ];

    [Test]
    public void Three_packages_and_their_symbols_are_made()
    {
        string[] ids = ["OrtPeft", "OrtPeft.Cli", "OrtPeft.OnnxRuntime"];
        Assert.That(Directory.GetFiles(Packages.Folder, "OrtPeft*").Select(Path.GetFileName),
            Is.EquivalentTo(ids.SelectMany(id => new[] { $"{id}.{Packages.Version}.nupkg", $"{id}.{Packages.Version}.snupkg" })));
    }

    [TestCase("OrtPeft", "MIT")]
    [TestCase("OrtPeft.OnnxRuntime", "MIT")]
    [TestCase("OrtPeft.Cli", "MIT AND Apache-2.0")]
    public void Every_package_says_what_it_is(string id, string license)
    {
        using var package = Packages.Open(id);
        var metadata = Packages.Metadata(package, id);
        Assert.That(metadata.Element("license")!.Value, Is.EqualTo(license));
        Assert.That(metadata.Element("readme")!.Value, Is.EqualTo("README.md"));
        Assert.That(metadata.Element("description")!.Value, Does.EndWith("."));
        Assert.That(package.GetEntry("README.md")!.Length, Is.GreaterThan(500));
    }

    [Test]
    public void The_library_brings_documentation_and_needs_its_runtime()
    {
        using var package = Packages.Open("OrtPeft");
        using var symbols = Packages.Open("OrtPeft", "snupkg");
        Assert.That(package.GetEntry("lib/net10.0/OrtPeft.dll"), Is.Not.Null);
        Assert.That(symbols.GetEntry("lib/net10.0/OrtPeft.pdb"), Is.Not.Null);
        using var documentation = new StreamReader(package.GetEntry("lib/net10.0/OrtPeft.xml")!.Open());
        Assert.That(documentation.ReadToEnd(), Does.Contain("T:OrtPeft.Tuner"));
        Assert.That(Packages.Metadata(package, "OrtPeft").Descendants("dependency").Select(d => $"{d.Attribute("id")!.Value} {d.Attribute("version")!.Value}"),
            Does.Contain($"OrtPeft.OnnxRuntime {Packages.Version}"));
    }

    [Test]
    public void The_runtime_travels_with_its_bindings_and_licence()
    {
        using var package = Packages.Open("OrtPeft.OnnxRuntime");
        Assert.That(package.Entries.Select(e => e.FullName), Is.SupersetOf((string[])[.. Natives, "lib/net10.0/Microsoft.ML.OnnxRuntime.dll",
            "licenses/onnxruntime/LICENSE", "licenses/onnxruntime/ThirdPartyNotices.txt", "buildTransitive/OrtPeft.OnnxRuntime.targets"]));
    }

    [Test]
    public void The_tool_carries_everything_that_the_demo_needs()
    {
        using var package = Packages.Open("OrtPeft.Cli");
        string[] needed = [.. Natives, "Microsoft.ML.OnnxRuntime.dll", "OrtPeft.dll", "mails.jsonl.gz", "licenses/onnxruntime/LICENSE",
            "onnx-models/all-minilm-l6-v2/model.onnx", "onnx-models/all-minilm-l6-v2/tokenizer.json", "onnx-models/all-minilm-l6-v2/LICENSE"];
        Assert.That(package.Entries.Select(e => e.FullName), Is.SupersetOf(needed.Select(file => $"tools/net10.0/any/{file}")));
    }

    [Test]
    public void The_symbols_do_not_say_where_they_were_built()
    {
        using var package = Packages.Open("OrtPeft", "snupkg");
        using var content = new MemoryStream();
        using (var stream = package.GetEntry("lib/net10.0/OrtPeft.pdb")!.Open())
            stream.CopyTo(content);
        using var symbols = MetadataReaderProvider.FromPortablePdbImage([.. content.ToArray()]);
        var reader = symbols.GetMetadataReader();
        var files = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToArray();
        Assert.That(files, Does.Contain("/_/src/OrtPeft/Training/Tuner.cs"));
        Assert.That(files, Has.None.StartsWith(Packages.Root));
    }
}
