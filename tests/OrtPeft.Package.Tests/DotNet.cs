using System.Diagnostics;

namespace OrtPeft.Tests;

/// <summary>Runs programs as a user would: nothing of the test run's own build leaks into them.</summary>
static class DotNet
{
    /// <summary>Runs `dotnet` and returns what it wrote to stdout; the test fails if its exit code is not zero.</summary>
    internal static string Run(string folder, params string[] arguments) => Run(folder, "dotnet", arguments);

    internal static string Run(string folder, string program, string[] arguments)
    {
        var (exitCode, output, errors) = TryRun(folder, program, arguments);
        Assert.That(exitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}\n{output}\n{errors}");
        return output;
    }

    internal static (int ExitCode, string Output, string Errors) TryRun(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        // A build server would hold the pipes open, and the folder, long after the build.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
