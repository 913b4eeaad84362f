using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrtPeft.Tests;

/// <summary>What somebody does who has the packages and not the repository: installs the tool, runs the demo, writes the README's program.</summary>
sealed partial class FreshMachineTests
{
    static readonly string Work = Path.Combine(Packages.Temporary, "work");
    static readonly string Tool = Path.Combine(Packages.Temporary, "tool", OperatingSystem.IsWindows() ? "ortpeft.exe" : "ortpeft");
    JsonElement _demo;

    [OneTimeSetUp]
    public void Install_the_tool_and_run_the_demo()
    {
        Directory.CreateDirectory(Work);
        Directory.CreateSymbolicLink(Path.Combine(Work, "onnx-models"), Path.Combine(Packages.Root, "onnx-models"));
        DotNet.Run(Work, "tool", "install", "OrtPeft.Cli", "--version", Packages.Version, "--tool-path", Path.GetDirectoryName(Tool)!, "--add-source", Packages.Folder);
        _demo = JsonElement.Parse(DotNet.Run(Work, Tool, ["demo", "--mails", "60", "--max-length", "32", "--json"]));
    }

    [Test]
    public void The_tool_knows_its_version() => Assert.That(DotNet.Run(Work, Tool, ["--version"]), Does.StartWith(Packages.Version));

    [Test]
    public void The_demo_works_from_the_tool()
    {
        Assert.That(_demo.GetProperty("examples").GetInt32(), Is.EqualTo(60 + 15 + 15));
        Assert.That(_demo.GetProperty("heads").EnumerateArray().Select(h => h.GetProperty("method").GetString()), Is.EqualTo(new[] { "linear-probe", "y-tuning" }));
        Assert.That(Path.Combine(Work, _demo.GetProperty("report").GetString()!), Does.Exist);
    }

    [Test]
    public void The_tool_predicts_with_what_the_demo_trained()
    {
        var adapter = _demo.GetProperty("heads")[0].GetProperty("adapter").GetString()!;
        var answer = JsonElement.Parse(DotNet.Run(Work, Tool, ["predict", adapter, "--text", "You have won a prize"]));
        Assert.That(answer.GetProperty("label").GetString(), Is.EqualTo("ham").Or.EqualTo("spam"));
        Assert.That(answer.GetProperty("scores").EnumerateObject().Sum(score => score.Value.GetDouble()), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void The_program_of_the_README_runs()
    {
        var program = CSharpBlock().Match(File.ReadAllText(Path.Combine(Packages.Root, "README.md"))).Groups[1].Value;
        Assert.That(program, Does.Contain("using OrtPeft;"));
        var app = new ConsoleApp("sample", program);

        var output = app.BuildAndRun(Work);

        Assert.That(output, Does.Contain("ham").Or.Contain("spam"));
        using var assets = JsonDocument.Parse(File.ReadAllText(app.DependenciesFile));
        var runtime = assets.RootElement.GetProperty("targets").EnumerateObject().Single().Value.GetProperty($"OrtPeft.OnnxRuntime/{Packages.Version}");
        Assert.That(runtime.GetProperty("runtimeTargets").EnumerateObject().Select(target => target.Name), Does.Contain("runtimes/linux-x64/native/libonnxruntime.so"));
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex CSharpBlock();
}
