using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft cache info`, `merge` and `prune`: about a cache's folder, without a model.</summary>
static class CacheFolderVerbs
{
    static readonly Argument<string> Folder = new("FOLDER") { Description = "The cache's folder." };
    static readonly Option<TimeSpan> UnusedFor = new("--unused-for")
    {
        Description = "Only what nobody has used for so long, such as 30d or 12h.",
        HelpName = "TIME",
        Required = true,
        CustomParser = result =>
        {
            if (Time(result.Tokens[0].Value) is { } time)
                return time;
            result.AddError(result.Tokens[0].Value);
            return default;
        },
    };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "Remove nothing, say what would be." };

    internal static Command Info()
    {
        var command = CommonOptions.Verb("info", "Says what a cache holds: sizes, lengths, age, which runs used it.", """
            Example:
              ortpeft cache info features
            """, Folder);
        command.SetAction(parsed =>
        {
            var info = FeatureInfo.Of(parsed.GetValue(Folder)!);
            new Output(parsed).Result(info, console => Show(console, info));
        });
        return command;
    }

    internal static Command Merge()
    {
        var command = CommonOptions.Verb("merge", "Makes one manifest of what several parts (cache --part I/N) have done so far; the last part does it by itself.", """
            Example:
              ortpeft cache merge features
            """, Folder);
        command.SetAction(parsed =>
        {
            var merged = FeatureMerge.Run(parsed.GetValue(Folder)!);
            new Output(parsed).Result(merged, console => console.WriteLine($"{Measures.Count(merged.Shards, "shard")} of {Measures.Count(merged.PlannedShards)} are there" +
                $"{(merged.IsComplete ? "" : "; run the parts that are missing")}. {Measures.Count(merged.Parts, "part")} merged."));
            return merged.IsComplete ? CommandLine.Done : CommandLine.CheckFailed;
        });
        return command;
    }

    internal static Command Prune()
    {
        var command = CommonOptions.Verb("prune", "Removes a cache, and those beside it that were made for other settings, when nobody has used them for a time.", """
            Example:
              ortpeft cache prune features --unused-for 30d
            """, Folder, UnusedFor, DryRun);
        command.SetAction(parsed =>
        {
            var pruned = FeaturePruning.Run(parsed.GetValue(Folder)!, parsed.GetValue(UnusedFor), parsed.GetValue(DryRun));
            new Output(parsed).Result(new { Pruned = pruned }, console =>
            {
                foreach (var cache in pruned)
                    console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(parsed.GetValue(DryRun) ? "would remove" : "removed")} {cache.Folder} ({Measures.Bytes(cache.Bytes)}, last used {cache.Used:yyyy-MM-dd})"));
                console.WriteLine($"{Measures.Count(pruned.Count, "cache")}, {Measures.Bytes(pruned.Sum(c => c.Bytes))}.");
            });
        });
        return command;
    }

    static void Show(IAnsiConsole console, FeatureInfo info)
    {
        console.WriteLine($"{info.Folder}: {Measures.Count(info.Texts, "text")}, {Measures.Count(info.Tokens, "token")}, {Measures.Bytes(info.Bytes)} in {info.Shards} of {Measures.Count(info.PlannedShards, "planned shard")}");
        var table = new Table().HideHeaders().NoBorder().AddColumns("", "");
        foreach (var (name, value) in info.Fields)
            table.AddRow(name, Markup.Escape(value));
        table.AddRow("written", string.Create(CultureInfo.InvariantCulture, $"{info.Created:yyyy-MM-dd HH:mm} to {info.Changed:yyyy-MM-dd HH:mm} UTC"));
        foreach (var (data, examples) in info.Data)
            table.AddRow("data", Markup.Escape($"{data} ({Measures.Count(examples, "example")})"));
        foreach (var use in info.Uses.TakeLast(5))
            table.AddRow("used", Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{use.At:yyyy-MM-dd HH:mm} UTC by {use.By}: {use.Examples} examples, {use.Computed} computed")));
        console.Write(table);
        var most = Math.Max(1, info.Lengths.Max(l => l.Texts));
        foreach (var length in info.Lengths)
            console.WriteLine($"{"up to " + length.UpTo,12} {new string('#', (int)Math.Ceiling(40.0 * length.Texts / most)),-40} {Measures.Count(length.Texts)}");
    }

    static TimeSpan? Time(string text)
    {
        if (text.Length < 2 || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 100_000)
            return null;
        return text[^1] switch { 'd' => TimeSpan.FromDays(number), 'h' => TimeSpan.FromHours(number), 'm' => TimeSpan.FromMinutes(number), _ => null };
    }
}
