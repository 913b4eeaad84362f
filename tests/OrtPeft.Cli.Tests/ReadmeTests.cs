using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OrtPeft.Tests;

/// <summary>Runs every `ortpeft` command of the README, in its order, in a folder that holds what the README says is there.</summary>
sealed partial class ReadmeTests
{
    [Test]
    public void Every_command_of_the_README_runs()
    {
        var readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        var commands = ShellBlocks().Matches(readme).SelectMany(m => m.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.That(commands.Take(2), Is.EqualTo(new[] { "dotnet run --project src/OrtPeft.Cli -- demo", "dotnet test" }), "CI runs these two");
        Assert.That(commands[2..], Is.All.StartsWith("ortpeft "));

        var folder = Directory.CreateTempSubdirectory("ortpeft-readme-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "onnx-models"), Path.Combine(AppContext.BaseDirectory, "onnx-models"));
            Run(folder.FullName, ["demo", "--mails", "200", "--max-length", "32"]);
            foreach (var command in commands.Skip(2))
                Run(folder.FullName, [.. Words().Matches(command).Skip(1).Select(w => w.Value.Replace("\"", "", StringComparison.Ordinal))]);
            Assert.That(File.ReadLines(Path.Combine(folder.FullName, "answers.jsonl")).Count(), Is.EqualTo(50));
            Assert.That(File.ReadAllText(Path.Combine(folder.FullName, "adapters", "mail", "report.html")), Does.Contain("Y-Tuning"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void Run(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "OrtPeft.Cli.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"ortpeft {string.Join(' ', arguments)}\n{output}\n{errors.Result}");
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex ShellBlocks();

    [GeneratedRegex("""(?:[^\s"]|"[^"]*")+""", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
