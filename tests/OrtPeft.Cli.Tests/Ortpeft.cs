using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>Types a command line as a user would: the built program, as a process of its own.</summary>
static class Ortpeft
{
    internal static readonly string Program = Path.Combine(AppContext.BaseDirectory, "OrtPeft.Cli.dll");

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs `ortpeft arguments` in <paramref name="folder"/>.</summary>
    internal static Answer Run(string folder, params string[] arguments) => Run(Command(folder, arguments));

    /// <summary>Runs <paramref name="command"/> to its end.</summary>
    internal static Answer Run(ProcessStartInfo command)
    {
        using var run = Start(command);
        return run.End();
    }

    /// <summary>Starts `ortpeft arguments` in <paramref name="folder"/>.</summary>
    internal static RunningOrtpeft Start(string folder, params string[] arguments) => Start(Command(folder, arguments));

    internal static RunningOrtpeft Start(ProcessStartInfo command) => new(Process.Start(command)!, string.Join(' ', command.ArgumentList.Skip(1)), Patience);

    internal static ProcessStartInfo Command(string folder, params string[] arguments) => Command(folder, ["dotnet", Program], arguments);

    /// <summary>`program arguments`, where the program is itself words of a command line.</summary>
    internal static ProcessStartInfo Command(string folder, string[] program, string[] arguments)
    {
        var start = new ProcessStartInfo(program[0])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var word in program.Skip(1).Concat(arguments))
            start.ArgumentList.Add(word);
        start.Environment.Remove("NO_COLOR");
        return start;
    }
}

/// <summary>What a run of the program said.</summary>
sealed record Answer(string Typed, int ExitCode, string Output, string Errors)
{
    /// <summary>The one JSON object that stdout holds, and nothing else.</summary>
    internal JsonObject Json => JsonNode.Parse(Output)!.AsObject();

    /// <summary>The run did what it was asked to do.</summary>
    internal Answer Done()
    {
        Assert.That(ExitCode, Is.Zero, ToString());
        return this;
    }

    /// <summary>The run was refused in one clear message: nothing on stdout, one line that begins with "error:" on stderr, no stack trace.</summary>
    internal Answer Refused(params string[] saying)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ExitCode, Is.EqualTo(CommandLine.WrongInput), ToString());
            Assert.That(Output, Is.Empty, ToString());
            Assert.That(Errors.Split('\n').Count(line => line.StartsWith("error: ", StringComparison.Ordinal)), Is.EqualTo(1), ToString());
            Assert.That(Errors.TrimEnd('\n').Split('\n')[^1], Does.StartWith("error: "), ToString());
            Assert.That(Errors, Does.Not.Contain("   at ").And.Not.Contain("Exception"), ToString());
            foreach (var words in saying)
                Assert.That(Errors, Does.Contain(words), ToString());
        }
        return this;
    }

    public override string ToString() => $"ortpeft {Typed}\nexit code {ExitCode}\n{Output}\n{Errors}";
}
