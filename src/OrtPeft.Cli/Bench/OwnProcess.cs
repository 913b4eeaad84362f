using System.Diagnostics;

namespace OrtPeft;

/// <summary>This program in a process of its own, for what can only be measured from outside.</summary>
static class OwnProcess
{
    /// <summary>Runs this program with other arguments and returns the largest memory of its process, in bytes.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="see">Looks at the process some fifty times a second.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="OrtPeftException">It failed.</exception>
    internal static long Watch(string[] arguments, Action<Process>? see, CancellationToken cancellationToken)
    {
        using var run = Process.Start(Command(arguments))!;
        long peak = 0;
        while (!run.WaitForExit(20))
        {
            if (cancellationToken.IsCancellationRequested)
                run.Kill();
            run.Refresh();
            if (run.HasExited)
                break;
            peak = Math.Max(peak, run.PeakWorkingSet64);
            see?.Invoke(run);
        }
        cancellationToken.ThrowIfCancellationRequested();
        return run.ExitCode == CommandLine.Done ? peak : throw new OrtPeftException($"ortpeft {arguments[0]} ended with exit code {run.ExitCode}.");
    }

    static ProcessStartInfo Command(string[] arguments)
    {
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, isHost ? [typeof(OwnProcess).Assembly.Location, .. arguments] : arguments) { RedirectStandardOutput = true };
    }
}
