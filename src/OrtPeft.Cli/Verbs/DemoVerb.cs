using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft demo`: the main job on the shipped backbone and real mail.</summary>
static class DemoVerb
{
    static readonly Option<string> Out = new("--out") { Description = "Folder for features, adapters and report.", HelpName = "FOLDER", DefaultValueFactory = _ => "ortpeft-demo" };
    static readonly Option<bool> Full = new("--full") { Description = $"Mails up to {Demo.FullMaxLength} tokens instead of the default." };
    static readonly Option<int?> MaxLength = new("--max-length") { Description = $"Longest mail in tokens; default {Demo.DefaultMaxLength}.", HelpName = "N" };
    static readonly Option<int?> Mails = new("--mails") { Description = "Train on this many mails only, for a quick look.", HelpName = "N" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("demo", "The whole job on real mail: cache features, train two heads, evaluate, predict, report.", """
            Example:
              ortpeft demo --mails 400
            """, Out, Full, MaxLength, Mails);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        if (parsed.GetValue(Mails) is < 40)
            throw new OrtPeftException($"--mails is {parsed.GetValue(Mails)}; expected at least 40.");
        if (parsed.GetValue(Full) && parsed.GetValue(MaxLength) != null)
            throw new OrtPeftException($"--full means --max-length {Demo.FullMaxLength}. Give one of the two.");
        var folder = parsed.GetValue(Out)!;
        var maxLength = parsed.GetValue(MaxLength) ?? (parsed.GetValue(Full) ? Demo.FullMaxLength : Demo.DefaultMaxLength);
        var demo = new Demo(folder, maxLength, parsed.GetValue(Mails), CommonOptions.Execution(parsed, output));
        var result = await demo.RunAsync(new TuningDisplay(output), cancellationToken).ConfigureAwait(false);
        var report = TuningReport.Write(folder, result);
        var best = result.Heads[^1];
        using var process = Process.GetCurrentProcess();
        output.Result(new
        {
            Accuracy = best.Test.Classification.Accuracy.Value,
            best.Test.Classification.MacroF1,
            best.Tuned.Adapter.Info.TrainableParameters,
            CacheSeconds = result.Cache.Seconds,
            TrainSeconds = result.Heads.Sum(h => h.Tuned.TrainSeconds),
            CacheReused = result.Cache.Computed == 0,
            MaxLength = maxLength,
            Examples = result.Cache.Examples,
            result.Cache.ExamplesPerSecond,
            result.Cache.PaddingPercent,
            ForwardPassesSaved = result.Heads.Sum(h => h.Tuned.ForwardPassesSaved),
            Heads = result.Heads.Select(h => new
            {
                h.Tuned.Adapter.Info.Method,
                Accuracy = h.Test.Classification.Accuracy.Value,
                h.Test.Classification.MacroF1,
                h.Tuned.Adapter.Info.TrainableParameters,
                h.Tuned.TrainSeconds,
                h.Test.Metrics.Warning,
                Adapter = h.Folder,
            }),
            Predictions = result.Answers.Select(a => new { a.Text, a.Answer.Label, a.Answer.Score }),
            Report = report,
            result.Seconds,
            PeakMemoryMegabytes = process.PeakWorkingSet64 / 1_000_000,
        }, console => Show(console, result, report));
        return CommandLine.Done;
    }

    static void Show(IAnsiConsole console, DemoResult result, string report)
    {
        var cache = result.Cache;
        console.WriteLine(cache.Computed == 0
            ? $"Features: all {Measures.Count(cache.Examples)} found in the cache."
            : $"Features: {Measures.Count(cache.Computed)} mails, {Measures.Count(cache.Tokens)} tokens in {Measures.Seconds(cache.Seconds)}, {Measures.Bytes(cache.Bytes)}, {Measures.Percent(cache.PaddingPercent / 100)} padding.");
        var table = new Table().Border(TableBorder.Simple).AddColumn("head").AddNumbers("trained parameters", "training", "accuracy", "macro-F1");
        foreach (var head in result.Heads)
        {
            table.AddRow(head.Tuned.Adapter.Info.Method, Measures.Count(head.Tuned.Adapter.Info.TrainableParameters), Measures.Seconds(head.Tuned.TrainSeconds),
                Measures.Percent(head.Test.Classification.Accuracy.Value), Measures.Percent(head.Test.Classification.MacroF1));
        }
        console.Write(table);
        foreach (var warning in result.Heads.Where(h => h.Test.Metrics.Warning != null).Select(h => $"warning: {h.Tuned.Adapter.Info.Method}: {h.Test.Metrics.Warning}"))
            console.WriteLine(warning);
        console.WriteLine($"on {Measures.Count(result.Mails.Test.Count)} mails that were held back; {Measures.Count(result.Heads.Sum(h => h.Tuned.ForwardPassesSaved))} forward passes of the backbone saved by the cache.");
        console.WriteLine();
        foreach (var (text, answer) in result.Answers)
            console.WriteLine($"  {answer.Label,-5} {Measures.Percent(answer.Score),7}   {text.Split('\n')[0]}");
        console.WriteLine();
        console.WriteLine($"Done in {Measures.Seconds(result.Seconds)}. Look at {report}; the spam filter is in {result.Heads[^1].Folder}:");
        console.WriteLine($"  ortpeft predict {result.Heads[^1].Folder} --text \"You have won a prize\"");
    }
}
