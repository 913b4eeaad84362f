using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrtPeft;

/// <summary>What is wrong with a command line, in one sentence, and where to look it up.</summary>
static class UsageError
{
    internal static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return $"{Problem(parsed, command)} `{Path(command)} --help` lists what there is.";
    }

    /// <summary>A verb with those above it, as one types it.</summary>
    static string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : "ortpeft";

    static string Problem(ParseResult parsed, Command command)
    {
        if (parsed.UnmatchedTokens.FirstOrDefault(t => t.StartsWith('-')) is { } option)
            return Unknown(command, option);
        if (parsed.Errors.Select(OptionOf).FirstOrDefault(o => o is { Implicit: false }) is { } wrong)
            return Value(wrong);
        if (parsed.UnmatchedTokens is [var word, ..])
            return Unknown(command, word);
        if (command.Subcommands.Count > 0)
            return "A verb is missing, such as demo.";
        var missing = Missing(parsed, command).ToArray();
        return missing.Length > 0 ? $"{command.Name} needs {string.Join(" and ", missing)}." : parsed.Errors[0].Message;
    }

    static OptionResult? OptionOf(ParseError error) => error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;

    static string Unknown(Command command, string token)
    {
        if (command.Subcommands.Count > 0 && (!command.Parents.Any() || !token.StartsWith('-')))
            return $"There is no verb '{token}'{Suggestion(token, command.Subcommands.Select(c => c.Name))}";
        return token.StartsWith('-')
            ? $"{command.Name} has no option '{token}'{Suggestion(token, command.Options.Select(o => o.Name))}"
            : $"{command.Name} has no place for '{token}'. A text or path with spaces needs quotes around it.";
    }

    static IEnumerable<string> Missing(ParseResult parsed, Command command) =>
        command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is null or { Tokens.Count: 0 }).Select(a => a.Name)
            .Concat(command.Options.Where(o => o.Required && parsed.GetResult(o) is null or { Implicit: true }).Select(o => o.Name));

    static string Value(OptionResult result)
    {
        var (option, tokens) = (result.Option, result.Tokens);
        if (tokens.Count == 0)
            return $"{option.Name} needs a value. {option.Description}";
        if (tokens.Count > option.Arity.MaximumNumberOfValues)
            return $"{option.Name} is given {tokens.Count} times; give it once.";
        return $"{option.Name} is '{tokens[0].Value}'; expected {Expected(option)}.";
    }

    static string Expected(Option option) => (Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType) switch
    {
        var t when t == typeof(int) || t == typeof(long) => "a whole number",
        var t when t == typeof(double) => "a number such as 0.001",
        var t when t == typeof(TimeSpan) => "a time such as 30d or 12h",
        var t when t == typeof(bool) => "true or false, or nothing",
        _ => option.HelpName?.Replace("|", " or ", StringComparison.Ordinal) ?? "another value",
    };

    /// <summary>The end of a sentence: the nearest name, if one is near.</summary>
    static string Suggestion(string typed, IEnumerable<string> names)
    {
        var nearest = names.MinBy(name => Distance(typed, name));
        return nearest != null && Distance(typed, nearest) <= Math.Max(1, nearest.Length / 3) ? $"; did you mean '{nearest}'?" : ".";
    }

    /// <summary>Levenshtein distance.</summary>
    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
