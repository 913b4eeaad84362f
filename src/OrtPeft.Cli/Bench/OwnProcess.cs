using System.Diagnostics;

namespace OrtPeft;

/// <summary>This program in a process of its own, for what can only be measured from outside.</summary>
static class OwnProcess
{
    /// <summary>This program with other arguments.</summary>
    internal static ProcessStartInfo Command(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, isHost ? [typeof(OwnProcess).Assembly.Location, .. arguments] : arguments) { RedirectStandardOutput = true };
    }
}
