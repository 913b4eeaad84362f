using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft cache`: the feature caching job.</summary>
static class CacheVerb
{
    static readonly Option<string> Data = new("--data") { Description = "Data set: .jsonl, .csv, .tsv or .conll, also .gz.", HelpName = "FILE", Required = true };
    static readonly Option<string> Out = new("--out") { Description = "Cache folder; many trainings share one.", HelpName = "FOLDER", DefaultValueFactory = _ => "features" };
    static readonly Option<string> Model = new("--model") { Description = CommonOptions.Model.Description, HelpName = "PATH", Required = true };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("cache", "Computes the frozen backbone's features of a data set once, for any number of trainings.", """
            Example:
              ortpeft cache --model onnx-models/all-minilm-l6-v2 --data mails.jsonl --out features
            """,
            Model, Data, Out, CommonOptions.Tokenizer, CommonOptions.MaxLength, CommonOptions.DType,
            CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Label, CommonOptions.Tokens, CommonOptions.Tags, CommonOptions.Id);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var data = TextData.Load(parsed.GetValue(Data)!, CommonOptions.Columns(parsed));
        var display = new TuningDisplay(output);
        var result = await display.ShowAsync(() => FeatureJob.RunAsync(backbone, data, parsed.GetValue(Out)!, CommonOptions.Features(parsed),
            CommonOptions.Execution(parsed), display.Caching(), cancellationToken)).ConfigureAwait(false);
        output.Result(result, console =>
        {
            console.WriteLine($"{Measures.Count(result.Examples)} examples: {Measures.Count(result.Computed)} computed, {Measures.Count(result.Reused)} reused.");
            if (result.Computed > 0)
            {
                console.WriteLine($"{Measures.Count(result.Tokens)} tokens in {Measures.Seconds(result.Seconds)} {CommonOptions.Where(parsed)} ({Measures.Number(result.ExamplesPerSecond)} examples/s, " +
                    $"{Measures.Percent(result.PaddingPercent / 100)} padding).");
            }
            console.WriteLine($"Cache: {result.Folder} ({Measures.Bytes(result.Bytes)}), fingerprint {result.Fingerprint[..12]}");
        });
        return CommandLine.Done;
    }
}
