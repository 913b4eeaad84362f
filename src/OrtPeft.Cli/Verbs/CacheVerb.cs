using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft cache`: the feature caching job.</summary>
static class CacheVerb
{
    internal static readonly Option<string> Data = new("--data") { Description = $"Data set: {CommonOptions.DataFormats}.", HelpName = "FILE", Required = true };
    internal static readonly Option<string> Out = new("--out") { Description = "Cache folder; many trainings share one.", HelpName = "FOLDER", DefaultValueFactory = _ => "features" };
    internal static readonly Option<string> Model = new("--model") { Description = CommonOptions.Model.Description, HelpName = "PATH", Required = true };
    static readonly Option<string?> Method = new("--method") { Description = $"Cut the model where this method needs it: {string.Join(" or ", TuningMethods.Table.Keys)}.", HelpName = "NAME" };
    static readonly Option<string?> Part = new("--part") { Description = "Do the I-th of N parts; the others run elsewhere, on the same folder.", HelpName = "I/N" };
    static readonly Option<bool> Explain = new("--explain") { Description = "Compute nothing; say whether the cache fits and, if not, the first thing that differs." };
    static readonly Option<bool> Calibrate = new("--calibrate") { Description = "First measure which number of calls and threads is fastest here, and remember it in the cache." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("cache", "Computes the frozen backbone's features of a data set once, for any number of trainings.", """
            Examples:
              ortpeft cache --model onnx-models/all-minilm-l6-v2 --data mails.jsonl --out features
              ortpeft cache --model onnx-models/all-minilm-l6-v2 --data mails.jsonl --at layer.3 --dtype int8 --out features-3
            """,
            Model, Data, Out, Method, CommonOptions.At, CommonOptions.Keep, CommonOptions.Tokenizer, CommonOptions.MaxLength, CommonOptions.DType, Part, Explain, Calibrate, CommonOptions.Compiled,
            CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Image, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.Label, CommonOptions.Tokens, CommonOptions.Tags, CommonOptions.Id);
        command.SetAction(RunAsync);
        command.Add(CacheFolderVerbs.Info());
        command.Add(CacheVerifyVerb.Command());
        command.Add(CacheFolderVerbs.Merge());
        command.Add(CacheFolderVerbs.Prune());
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var part = parsed.GetValue(Part) is { } text ? FeaturePart.Parse(text) : null;
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var (options, execution) = (Options(parsed, backbone), CommonOptions.Execution(parsed, output));
        if (parsed.GetValue(Explain))
            return ShowDifference(output, parsed.GetValue(Out)!, FeatureFingerprint.Of(backbone, options, execution));
        var (data, columns) = (parsed.GetValue(Data)!, CommonOptions.Columns(parsed));
        // Images are a folder or a table of files and small in memory; texts are streamed.
        var images = backbone.Images is null ? null : CommonOptions.Data(parsed, output, data, cancellationToken);
        var job = (images is null ? FeatureJob.ForFile(backbone, data, parsed.GetValue(Out)!, columns) : FeatureJob.For(backbone, images, parsed.GetValue(Out)!)) with { Options = options, Execution = execution, Part = part };
        if (parsed.GetValue(Calibrate))
        {
            foreach (var line in FeatureCalibration.Measure(backbone, images ?? TextData.Read(data, columns), parsed.GetValue(Out)!, options, execution, cancellationToken))
                output.Say(line);
        }
        var display = new TuningDisplay(output);
        var result = await display.ShowAsync(() => job.RunAsync(display.Caching(), cancellationToken)).ConfigureAwait(false);
        output.Result(result, console => Show(console, result, CommonOptions.Where(parsed)));
        return CommandLine.Done;
    }

    /// <summary>What to compute; the method decides where to cut, unless that is said.</summary>
    internal static FeatureOptions Options(ParseResult parsed, Backbone backbone)
    {
        var options = CommonOptions.Features(parsed);
        if (parsed.GetValue(Method) is not { } method)
            return options;
        if (parsed.GetValue(CommonOptions.At) != null)
            throw new OrtPeftException("--method and --at both say where the model is cut. Give one of them.");
        return options with { At = TuningMethods.Parse(method, []).Frontier(backbone) };
    }

    static int ShowDifference(Output output, string folder, FeatureFingerprint wanted)
    {
        var cached = FeatureManifest.TryLoad(folder);
        var first = cached?.Fingerprint.DifferencesTo(wanted).Select(d => new { d.Field, Cached = d.Here, Wanted = d.There }).FirstOrDefault();
        output.Result(new { Folder = Path.GetFullPath(folder), Exists = cached != null, Fits = cached != null && first is null, Difference = first }, console => console.WriteLine(
            cached is null ? $"'{folder}' holds no feature cache."
            : first is null ? $"The cache in '{folder}' fits: nothing that changes a value differs."
            : $"The cache in '{folder}' does not fit: {first.Field} is {first.Cached} there, {first.Wanted} is wanted."));
        return CommandLine.Done;
    }

    static void Show(IAnsiConsole console, FeatureJobResult result, string where)
    {
        console.WriteLine($"{Measures.Count(result.Examples)} examples: {Measures.Count(result.Computed)} computed, {Measures.Count(result.Reused)} reused.");
        if (result.Index is { } index && (index.Changed > 0 || index.Dropped > 0))
            console.WriteLine($"Since the last time: {Measures.Count(index.Added)} new, {Measures.Count(index.Changed)} changed, {Measures.Count(index.Dropped)} dropped.");
        if (result.Computed > 0)
        {
            console.WriteLine($"{Measures.Count(result.Tokens)} tokens in {Measures.Seconds(result.Seconds)} {where} ({Measures.Number(result.ExamplesPerSecond)} examples/s, " +
                $"{Measures.Percent(result.PaddingPercent / 100)} padding).");
        }
        if (result.Errors.Count > 0)
        {
            console.WriteLine($"Stored as {Word(result.DType)}. Relative error on the first tokens: {string.Join(", ", result.Errors.OrderBy(e => e.Relative)
                .Select(e => string.Create(CultureInfo.InvariantCulture, $"{Word(e.DType)} {e.Relative:G2} (a value at most {e.MaxAbsolute:G2})")))}.");
        }
        console.WriteLine($"Cache: {result.Folder} ({Measures.Bytes(result.Bytes)}), fingerprint {result.Fingerprint[..12]}");
    }

    static string Word(FeatureDType dtype) => dtype.ToString().ToLowerInvariant();
}
