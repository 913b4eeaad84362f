using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace OrtPeft;

/// <summary>Where a verb says things: results on stdout, progress and remarks on stderr.</summary>
sealed class Output : IProgress<string>
{
    readonly bool _json;
    readonly bool _quiet;

    internal Output(ParseResult parsed)
    {
        _json = parsed.GetValue(CommonOptions.Json);
        _quiet = parsed.GetValue(CommonOptions.Quiet);
        Results = Console(System.Console.Out, System.Console.IsOutputRedirected);
        Errors = Console(System.Console.Error, System.Console.IsErrorRedirected);
    }

    /// <summary>Results for a person; nothing may be written here with --json.</summary>
    internal IAnsiConsole Results { get; }

    internal IAnsiConsole Errors { get; }

    /// <summary>Whether bars may move: a terminal, and neither --quiet nor NO_COLOR.</summary>
    internal bool IsLive => !_quiet && !System.Console.IsErrorRedirected && !NoColor;

    internal bool IsQuiet => _quiet;

    /// <summary>One JSON object, or the same for a person.</summary>
    internal void Result(object json, Action<IAnsiConsole> forPeople)
    {
        if (_json)
            System.Console.Out.WriteLine(JsonSerializer.Serialize(json, Json.Indented));
        else
            forPeople(Results);
    }

    /// <summary>One JSON object a line, also without --json.</summary>
    internal static void Line(object json) => System.Console.Out.WriteLine(JsonSerializer.Serialize(json, Json.Compact));

    /// <summary>A remark on stderr.</summary>
    internal void Say(string sentence)
    {
        if (!_quiet)
            Errors.WriteLine(sentence);
    }

    /// <inheritdoc/>
    void IProgress<string>.Report(string value) => Say(value);

    /// <summary>Bars hide the cursor; a process that ends in the middle of one gives it back.</summary>
    internal static void ShowCursor()
    {
        if (!System.Console.IsErrorRedirected && !NoColor)
            System.Console.Error.Write("\e[?25h");
    }

    static bool NoColor => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    static IAnsiConsole Console(TextWriter writer, bool redirected)
    {
        var plain = redirected || NoColor;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (redirected)
            console.Profile.Width = 4096; // Nobody folds the lines of a log.
        return console;
    }
}
