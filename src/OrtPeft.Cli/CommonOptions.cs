using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace OrtPeft;

/// <summary>Options that several verbs share, and how options are made.</summary>
static class CommonOptions
{
    internal static readonly Option<bool> Json = new("--json") { Description = "Exactly one JSON object on stdout, nothing else there." };
    internal static readonly Option<bool> Quiet = new("--quiet") { Description = "No progress and no remarks." };
    internal static readonly Option<bool> Verbose = new("--verbose") { Description = "Say where in the program an error arose." };
    internal static readonly Option<string> Provider = new("--provider") { Description = $"Execution provider: {ExecutionProviders.Auto}, {string.Join(", ", ExecutionProviders.Table.Keys)}. What is named is what runs, or the run is refused.", HelpName = "NAME", DefaultValueFactory = _ => ExecutionProviders.Auto };
    internal static readonly Option<string> Device = new("--device") { Description = "Device of the provider by its number; caching works on several at once, such as 0,1.", HelpName = "N,...", DefaultValueFactory = _ => "0" };
    internal static readonly Option<string[]> ProviderOption = new("--provider-option") { Description = "Option of the provider; `ortpeft inspect --devices` lists them. May be given several times.", HelpName = "OPTION=VALUE" };
    internal static readonly Option<string?> Compiled = new("--compiled") { Description = $"Folder of precompiled graphs (see `ortpeft compile`); default: {CompiledGraph.DefaultFolder} beside the model.", HelpName = "FOLDER" };
    internal static readonly Option<int> Threads = new("--threads") { Description = "Threads to compute with; 0 takes one a core.", HelpName = "N", DefaultValueFactory = _ => 0 };
    internal static readonly Option<long> Seed = new("--seed") { Description = "Seed of initial values, order and dropout.", HelpName = "N", DefaultValueFactory = _ => 0 };
    internal static readonly Option<string?> Config = new("--config") { Description = "File with options, such as the run.json of an earlier training; options on the command line win.", HelpName = "FILE" };

    internal static readonly Option<string> Model = new("--model") { Description = "Model folder (model.onnx, tokenizer.json, config.json) or .onnx file.", HelpName = "PATH" };
    internal static readonly Option<string?> Tokenizer = new("--tokenizer") { Description = "Tokenizer file or folder; default: beside the model.", HelpName = "PATH" };
    internal static readonly Option<int> MaxLength = new("--max-length") { Description = "Longest text in tokens; what is longer is cut.", HelpName = "N", DefaultValueFactory = _ => 128 };
    internal static readonly Option<string> DType = Choice("--dtype", "Number format of stored features", "fp16", "fp32", "bf16", "int8");
    internal static readonly Option<string?> At = new("--at") { Description = "Where the model is cut: last-hidden-state (default), layer.J (input of layer J), embeddings, last-K-layers (side by side), or tensors by name.", HelpName = "SITE" };
    internal static readonly Option<string?> Keep = new("--keep") { Description = "Tokens to store: all (default), mean, cls, or positions such as 0,-1.", HelpName = "TOKENS" };

    internal static readonly Option<string?> Text = Column("--text", "Name of the column (or JSON field) that holds the text; default: text, sentence or content.");
    internal static readonly Option<string?> TextPair = Column("--text-pair", "Name of the column of the second text; default: text_pair or sentence2, if there.");
    internal static readonly Option<string?> Image = Column("--image", "Name of the column of the paths of images, relative to the data file; default: image, where there is no text.");
    internal static readonly Option<double> White = Number("--white", "Images as columns p0, p1, ... or pixel0, pixel1, ...: the number that stands for white.", 255);
    internal static readonly Option<bool> SkipBad = new("--skip-bad") { Description = "Leave images out that cannot be used, and say how many." };
    internal static readonly Option<string?> Label = Column("--label", "Name of the column of the label; default: label.");
    internal static readonly Option<string?> Tokens = Column("--tokens", "Token classification: name of the field with the list of words; default: tokens, if there.");
    internal static readonly Option<string?> Tags = Column("--tags", "Token classification: name of the field with the list of tags; default: tags, if there.");
    internal static readonly Option<string?> Weight = Column("--weight", "Name of the column of what an example counts in training; default: all count alike.");
    internal static readonly Option<string?> Id = Column("--id", "Name of the column of the example's id; default: id, else the line number.");

    /// <summary>A verb with the options that every verb has.</summary>
    internal static Command Verb(string name, string description, string examples, params Symbol[] symbols)
    {
        var command = new Verb(name, description, examples);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }
        foreach (var option in new Option[] { Config, Provider, Device, ProviderOption, Threads, Json, Quiet, Verbose })
            command.Add(option);
        return command;
    }

    /// <summary>An option that names a column.</summary>
    internal static Option<string?> Column(string name, string description) => new(name) { Description = description, HelpName = "COLUMN" };

    /// <summary>An option that takes one of a few words; the first is the default.</summary>
    internal static Option<string> Choice(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = $"{description}: {string.Join(" or ", choices)}.",
            HelpName = string.Join('|', choices),
            DefaultValueFactory = _ => choices[0],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !choices.Contains(token.Value))
                result.AddError(token.Value);
        });
        return option;
    }

    /// <summary>A number with a decimal point, never a comma.</summary>
    internal static Option<double> Number(string name, string description, double value) =>
        new(name) { Description = description, HelpName = "X", CustomParser = Parse, DefaultValueFactory = _ => value };

    /// <summary>The same, without a default.</summary>
    internal static Option<double?> Number(string name, string description) =>
        new(name) { Description = description, HelpName = "X", CustomParser = result => Parse(result) };

    static double Parse(ArgumentResult result)
    {
        if (!double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            result.AddError(result.Tokens[0].Value);
        return value;
    }

    /// <summary>Where the work runs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">Told what auto took and why, and later notices; null where that was said already.</param>
    internal static ExecutionOptions Execution(ParseResult parsed, Output? output = null)
    {
        var choice = ExecutionProviders.Choose(parsed.GetValue(Provider)!, ProviderHost.This);
        // Nobody asked for anything, and there is nothing but the processor: that needs no explanation.
        if (choice.Why.Length > 0 && (!choice.Provider.IsCpu || parsed.GetResult(Provider) is { Implicit: false }))
            output?.Say($"Provider: {choice.Why}");
        return new ExecutionOptions
        {
            Provider = parsed.GetValue(Provider)!,
            Devices = Numbers(Device.Name, parsed.GetValue(Device)!),
            Options = parsed.GetValue(ProviderOption) is { Length: > 0 } settings ? ExecutionProviders.ParseOptions(choice.Provider, ProviderOption.Name, settings) : null,
            Threads = parsed.GetValue(Threads),
            Compiled = parsed.GetResult(Compiled) is null ? null : parsed.GetValue(Compiled),
            Notices = output,
        };
    }

    static int[] Numbers(string option, string text) => [.. text.Split(',').Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new OrtPeftException($"{option} is '{text}'; expected numbers from 0 with commas between, such as 0,1."))];

    /// <summary>What the work runs on: "on cpu with 2 threads", "on cuda, device 0".</summary>
    internal static string Where(ParseResult parsed)
    {
        var execution = Execution(parsed);
        return execution.Chosen.IsCpu ? $"on {execution.EffectiveProvider} with {Measures.Count(execution.EffectiveThreads, "thread")}"
            : $"on {execution.EffectiveProvider}, device {string.Join(", ", execution.Devices)}";
    }

    internal static FeatureOptions Features(ParseResult parsed) => new()
    {
        MaxLength = parsed.GetValue(MaxLength),
        DType = Enum.Parse<FeatureDType>(parsed.GetValue(DType)!, ignoreCase: true),
        At = parsed.GetValue(At) ?? FeatureSite.LastHiddenState,
        Keep = parsed.GetValue(Keep) ?? TokenChoice.All,
    };

    /// <summary>What a data option may name.</summary>
    internal const string DataFormats = ".jsonl, .csv, .tsv or .conll, also .gz; or a folder of images, one sub-folder a label";

    /// <summary>The data set at <paramref name="path"/>, with --skip-bad without the images that cannot be used.</summary>
    internal static TextData Data(ParseResult parsed, Output output, string path, CancellationToken cancellationToken)
    {
        var data = TextData.Load(path, Columns(parsed));
        if (!parsed.GetValue(SkipBad))
            return data;
        var (usable, notice) = BadImages.Skip(data, cancellationToken);
        if (notice is not null)
            output.Say($"{path}: {notice}");
        return usable;
    }

    static double Positive(string option, double value) => value is > 0 and < 1e9 ? value
        : throw new OrtPeftException(FormattableString.Invariant($"{option} is {value}; expected a number above 0, such as 255."));

    internal static ColumnNames Columns(ParseResult parsed) => new()
    {
        Text = parsed.GetValue(Text),
        TextPair = parsed.GetValue(TextPair),
        Image = parsed.GetValue(Image),
        White = parsed.GetResult(White) is null ? new ColumnNames().White : Positive(White.Name, parsed.GetValue(White)),
        Label = parsed.GetValue(Label),
        Tokens = parsed.GetValue(Tokens),
        Tags = parsed.GetValue(Tags),
        Weight = parsed.GetValue(Weight),
        Id = parsed.GetValue(Id),
    };

    /// <summary>Refuses a folder for results that is a file, or that already holds one of <paramref name="names"/>.</summary>
    internal static void CheckFolder(string folder, IEnumerable<string> names, bool overwrite)
    {
        if (File.Exists(folder))
            throw new OrtPeftException($"--out: '{folder}' is a file; expected a folder or nothing there.");
        if (!overwrite && names.FirstOrDefault(n => File.Exists(Path.Combine(folder, n))) is { } there)
            throw new OrtPeftException($"'{folder}' already holds {there}. Choose another folder, or say that it may be overwritten (--overwrite).");
    }
}
