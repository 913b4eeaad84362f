using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft bench`: what this machine reaches, as ratios within one run.</summary>
static class BenchVerb
{
    static readonly Option<string?> Only = new("--only") { Description = $"One benchmark: {string.Join(" or ", Benchmarks.Table.Keys)}.", HelpName = "NAME" };
    static readonly Argument<string?> Name = new("NAME") { Description = "The same, without --only.", Arity = ArgumentArity.ZeroOrOne };
    static readonly Option<string> Model = new("--model") { Description = CommonOptions.Model.Description, HelpName = "PATH", DefaultValueFactory = _ => Demo.ModelFolder };
    static readonly Option<bool> Quick = new("--quick") { Description = "A few texts, one round: a look, not a measurement." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("bench", "Measures this machine: ratios within one run, not absolute times.", """
            Example:
              ortpeft bench caching
            """, Name, Only, Quick, Model);
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        if (parsed.GetValue(Only) != null && parsed.GetValue(Name) != null)
            throw new OrtPeftException($"bench is given two names, '{parsed.GetValue(Name)}' and '{parsed.GetValue(Only)}'. Give one of them.");
        var wanted = parsed.GetValue(Only) ?? parsed.GetValue(Name);
        if (wanted != null && !Benchmarks.Table.ContainsKey(wanted))
            throw new OrtPeftException($"There is no benchmark '{wanted}'; there are {string.Join(", ", Benchmarks.Table.Keys)}.");
        var execution = CommonOptions.Execution(parsed, output);
        execution.Validate();
        var backbone = Backbone.Load(parsed.GetValue(Model)!);
        var mails = MailCorpus.Load(MailCorpus.DefaultPath, cancellationToken);
        var rows = Benchmarks.Table.Where(b => wanted is null || b.Key == wanted)
            .SelectMany(b => b.Value(new BenchmarkInput(backbone, mails, execution, parsed.GetValue(Quick), output), cancellationToken)).ToArray();
        output.Result(new { Rows = rows, Cores = Environment.ProcessorCount, OnnxRuntime = OrtSession.Version }, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("benchmark", "what", "value", "ratio", "goal");
            foreach (var row in rows)
                table.AddRow(row.Benchmark, Markup.Escape(row.What), Markup.Escape(row.Value), row.Ratio is { } ratio ? ratio.ToString(ratio < 0.01 ? "G2" : "F3", System.Globalization.CultureInfo.InvariantCulture) : "", Markup.Escape(row.Goal ?? ""));
            console.Write(table);
            console.WriteLine($"{Environment.ProcessorCount} cores, ONNX Runtime {OrtSession.Version}; medians over alternating rounds.");
        });
        return CommandLine.Done;
    }
}
