using System.IO.Compression;
using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>A process can hold one ONNX Runtime: neither our build nor an application's can mix two.</summary>
sealed class OneOnnxRuntimeTests
{
    [TestCase("cpu", "Microsoft.ML.OnnxRuntime")]
    [TestCase("gpu", "Microsoft.ML.OnnxRuntime.Gpu")]
    [TestCase("directml", "Microsoft.ML.OnnxRuntime.DirectML")]
    [TestCase("training", "Microsoft.ML.OnnxRuntime.Training")]
    public void A_flavour_is_one_official_package(string flavour, string package)
    {
        var items = JsonElement.Parse(DotNet.Run(Packages.Root, "msbuild", "src/OrtPeft.OnnxRuntime", "-p:OrtSource=nuget", $"-p:OrtFlavor={flavour}", "-getItem:PackageReference"));
        Assert.That(items.GetProperty("Items").GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()), Is.EqualTo(new[] { package }));
    }

    [TestCase("npm", "training", "error ORTPEFT04: OrtFlavor 'training' is not carried by npm; expected cpu or gpu, or build with -p:OrtSource=nuget.")]
    [TestCase("npm", "gpu%3Btraining", "error ORTPEFT05: OrtFlavor is 'gpu;training'")]
    [TestCase("nuget", "cpu%3Btraining", "error ORTPEFT05: OrtFlavor is 'cpu;training'; expected cpu, gpu, directml or training. One process holds one ONNX Runtime, and each flavour is one: they cannot be mixed.")]
    [TestCase("pip", "cpu", "error ORTPEFT03: OrtSource is 'pip'; expected npm or nuget.")]
    public void What_cannot_be_had_is_refused_before_anything_is_fetched(string source, string flavour, string error)
    {
        var (exitCode, output, _) = DotNet.TryRun(Packages.Root, "dotnet",
            ["msbuild", "src/OrtPeft.OnnxRuntime", "-t:CheckOrtSource", $"-p:OrtSource={source}", $"-p:OrtFlavor={flavour}"]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain(error));
    }

    [Test]
    public void An_application_with_two_is_refused()
    {
        const string Other = "Microsoft.ML.OnnxRuntime.Training";
        using (var package = ZipFile.Open(Path.Combine(Packages.Folder, $"{Other}.{Packages.Version}.nupkg"), ZipArchiveMode.Create))
        {
            Write(package, $"{Other}.nuspec", $"""
                <package>
                  <metadata>
                    <id>{Other}</id>
                    <version>{Packages.Version}</version>
                    <authors>test</authors>
                    <description>Carries a library of the same name.</description>
                  </metadata>
                </package>
                """);
            Write(package, "runtimes/linux-x64/native/libonnxruntime.so", "");
            Write(package, "lib/netstandard2.0/_._", "");
        }

        var (exitCode, output, _) = new ConsoleApp("mixed", "", Other).Build();

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain($"error ORTPEFT06: ONNX Runtime comes from more than one package: {Other}, OrtPeft.OnnxRuntime.")
            .Or.Contain($"error ORTPEFT06: ONNX Runtime comes from more than one package: OrtPeft.OnnxRuntime, {Other}."));
    }

    static void Write(ZipArchive package, string name, string content)
    {
        using var writer = new StreamWriter(package.CreateEntry(name).Open());
        writer.Write(content);
    }
}
