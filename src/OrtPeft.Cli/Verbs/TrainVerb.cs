using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft train`: trains a head on cached features and writes the adapter.</summary>
static class TrainVerb
{
    static readonly Option<string> Model = new("--model") { Description = CommonOptions.Model.Description, HelpName = "PATH", Required = true };
    internal static readonly Option<string> Method = new("--method") { Description = $"Method: {string.Join(" or ", TuningMethods.Table.Keys)}; or several that train inside the backbone, such as lora+bitfit.", HelpName = "NAME", DefaultValueFactory = _ => YTuningOptions.Name };
    static readonly Option<string?> Artifacts = new("--artifacts") { Description = "Instead of --method: folder of ONNX Runtime training artifacts to train; their optimizer, weight decay and clipping count.", HelpName = "FOLDER" };
    static readonly Option<string> Train = new("--train") { Description = $"Labelled training data: {CommonOptions.DataFormats}.", HelpName = "FILE", Required = true };
    static readonly Option<string?> Dev = new("--dev") { Description = "Labelled data that choose the best epoch; default: a tenth of the training data is held back.", HelpName = "FILE" };
    static readonly Option<string> Out = new("--out") { Description = "Folder for the adapter, run.json, metrics and report.", HelpName = "FOLDER", Required = true };
    static readonly Option<string> Cache = new("--cache") { Description = "Feature cache folder, filled when needed.", HelpName = "FOLDER", DefaultValueFactory = _ => "features" };
    internal static readonly Option<string[]> Set = new("--set") { Description = "Option of the method, see below. May be given several times.", HelpName = "OPTION=VALUE" };
    static readonly Option<string[]> Track = new("--track") { Description = "Who else follows the run: mlflow=http://SERVER:PORT/EXPERIMENT or tensorboard=FOLDER. May be given several times.", HelpName = "NAME=WHERE" };
    static readonly Option<int> Runs = new("--runs") { Description = "Runs with consecutive seeds, each in a folder of its own below --out; gives means and 95 % intervals.", HelpName = "N", DefaultValueFactory = _ => 1 };
    static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the unfinished run in --out." };
    static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace the adapter of another run in --out." };

    /// <summary>What a verb needs to train, whatever it does with the result.</summary>
    internal static IEnumerable<Option> Shared =>
    [
        Model, CommonOptions.Tokenizer, Method, Set, .. TaskOptionSet.All, Train, Dev, Cache, CommonOptions.MaxLength, CommonOptions.DType, CommonOptions.Keep, CommonOptions.Compiled,
        .. TrainingOptionSet.All, CommonOptions.Seed,
        CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Image, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.Label, CommonOptions.Tokens, CommonOptions.Tags, CommonOptions.Weight, CommonOptions.Id,
    ];

    internal static Command Command()
    {
        var command = CommonOptions.Verb("train", "Trains a head on the cached features of a frozen model and writes an adapter.", Examples(),
            [.. Shared, Out, Artifacts, Runs, Track, Resume, Overwrite]);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var folder = parsed.GetValue(Out)!;
        var method = MethodOf(parsed);
        var (template, train, dev) = Tuner(parsed, output, method, cancellationToken);
        var runs = parsed.GetValue(Runs);
        if (runs is < 1 or > 1000)
            throw new OrtPeftException($"--runs is {runs}; expected 1 to 1000.");
        var seed = parsed.GetValue(CommonOptions.Seed);
        if (method.Variants.Count > 0)
        {
            if (runs > 1)
                throw new OrtPeftException("--runs repeats one setting; this method was asked for several. Leave --runs out.");
            RunFile.Write(folder, RunOptions(parsed, method, template.Training, folder));
            return await Variants.RunAsync(output, folder, template, train, dev, cancellationToken).ConfigureAwait(false);
        }
        if (runs > 1)
            return await SeveralRuns.RunAsync(output, folder, seed, runs, TrainInto).ConfigureAwait(false);
        var tuned = await TrainInto(folder, seed).ConfigureAwait(false);
        output.Result(new
        {
            Task = tuned.Dev.Task,
            tuned.Adapter.Info.Method,
            tuned.Adapter.Info.TrainableParameters,
            tuned.Epochs,
            tuned.Best,
            Trials = tuned.Trials.Count > 0 ? tuned.Trials : null,
            Budgets = BudgetResult.Of(tuned) is { Count: > 0 } budgets ? budgets : null,
            Adapter = folder,
            Cache = tuned.Features?.Folder,
            tuned.TrainSeconds,
            Stages = tuned.Stages.Count > 0 ? tuned.Stages.Select(s => new { s.Name, s.Epochs, s.Seconds }) : null,
            CacheSeconds = tuned.Features?.Seconds,
            CacheReused = tuned.Features is { Computed: 0 },
            tuned.ForwardPassesSaved,
            tuned.Provider,
            Threads = CommonOptions.Execution(parsed).EffectiveThreads,
            tuned.Training.Seed,
            tuned.Features?.Notices,
            tuned.Warning,
            tuned.Failure,
        }, console => Show(console, folder, tuned, CommonOptions.Where(parsed)));
        if (tuned.Failure is null)
            return CommandLine.Done;
        await Console.Error.WriteLineAsync($"error: {tuned.Failure}").ConfigureAwait(false);
        return CommandLine.Failed;

        async Task<TunedModel> TrainInto(string folder, long seed)
        {
            var tuner = template.With(template.Training with { Seed = seed }).SaveIn(folder, parsed.GetValue(Resume), parsed.GetValue(Overwrite)).TrackWith(parsed.GetValue(Track) ?? []);
            var run = new TuningRun(tuner, train, dev);
            if (parsed.GetValue(Resume) && !Checkpoint.Exists(folder))
                output.Say($"There is no unfinished run in '{folder}': the training begins anew.");
            RunFile.Write(folder, RunOptions(parsed, method, run.Training, folder));
            var display = new TuningDisplay(output);
            var tuned = await display.ShowAsync(() => run.FitAsync(display, cancellationToken)).ConfigureAwait(false);
            tuned.Save(folder);
            TuningReport.Write(folder, tuner.Backbone, tuned);
            return tuned;
        }
    }

    /// <summary>The training that the options of <see cref="Shared"/> describe, which is kept nowhere yet, and its data.</summary>
    internal static (Tuner Tuner, TextData Train, TextData? Dev) Tuner(ParseResult parsed, Output output, MethodOptions method, CancellationToken cancellationToken)
    {
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var tuner = OrtPeft.Tuner.For(backbone).With(method).With(TaskOptionSet.Read(parsed)).With(TrainingOptionSet.Read(parsed)).With(CommonOptions.Features(parsed))
            .With(CommonOptions.Execution(parsed, output)).CacheIn(parsed.GetValue(Cache)!);
        return (tuner, Load(parsed.GetValue(Train)!), parsed.GetValue(Dev) is { } path ? Load(path) : null);

        TextData Load(string path) => CommonOptions.Data(parsed, output, path, cancellationToken);
    }

    internal static MethodOptions MethodOf(ParseResult parsed)
    {
        var settings = parsed.GetValue(Set) ?? [];
        if (parsed.GetResult(Artifacts) is null || parsed.GetValue(Artifacts) is not { } folder)
            return TuningMethods.Parse(parsed.GetValue(Method)!, settings);
        if (parsed.GetResult(Method) is { Implicit: false })
            throw new OrtPeftException("--method and --artifacts are both given; the artifacts are the method. Give one of the two.");
        return ((ArtifactsOptions)TuningMethods.Parse(ArtifactsOptions.Name, [.. settings, $"folder={folder}"])).Resolve();
    }

    static void Show(IAnsiConsole console, string folder, TunedModel tuned, string where)
    {
        var info = tuned.Adapter.Info;
        console.WriteLine($"{info.Method}: {Measures.Count(info.TrainableParameters)} trained parameters, {(tuned.IsSolved ? "solved" : Measures.Count(tuned.TrainEpochs, "epoch"))} in {Measures.Seconds(tuned.TrainSeconds)} {where}" +
            (tuned.Features is null ? "." : $"; {Measures.Count(Math.Max(0, tuned.ForwardPassesSaved))} forward passes of the backbone saved by the cache."));
        var metrics = tuned.Dev.Metrics.Values.Select((m, i) => $"{(i == 0 ? "dev " : "")}{Metrics.Speak(m.Key)} {MetricsView.Value(m.Key, m.Value)}");
        console.WriteLine($"{(tuned.IsSolved ? "Result" : $"Best epoch {tuned.Best.Epoch}")}: {string.Join(", ", metrics)}.");
        var by = tuned.Training.SelectBy;
        if (tuned.Trials.Count > 0)
            console.WriteLine($"Tried on the dev part: {string.Join("; ", tuned.Trials.Select(t => $"{t.Name}: {Metrics.Speak(by)} {MetricsView.Value(by, t.Metrics[by])}"))}.");
        BudgetTable.Show(console, tuned, folder);
        if (tuned.Warning is { } warning)
            console.WriteLine($"warning: {warning}");
        console.WriteLine($"Adapter: {folder} (report: {Path.Combine(folder, TuningReport.FileName)})");
    }

    static string Examples() => $"""
        Options of the methods for --set, with their defaults:
        {string.Join('\n', TuningMethods.Table.Select(m => $"  {m.Key}: {string.Join(", ", Settings(TuningMethods.Parse(m.Key, [])))}"))}

        Examples:
          ortpeft train --model onnx-models/all-minilm-l6-v2 --train train.jsonl --dev dev.jsonl --out adapters/mails
          ortpeft train --config adapters/mails/run.json --seed 1 --out adapters/mails-1
          ortpeft train --model onnx-models/all-minilm-l6-v2 --artifacts artifacts/mails --train train.jsonl --out adapters/mails-2
        """;

    static IEnumerable<string> Settings(MethodOptions method) => TuningMethods.Settings(TuningMethods.ToJson(method)).Select(o => $"{o.Name}={o.Value}");

    /// <summary>Every option with its value in this run; paths are absolute, so that the file can be run from anywhere.</summary>
    static IEnumerable<(string, object?)> RunOptions(ParseResult parsed, MethodOptions method, TrainingOptions training, string folder)
    {
        var columns = CommonOptions.Columns(parsed);
        yield return (Model.Name, Full(parsed.GetValue(Model)));
        yield return (CommonOptions.Tokenizer.Name, Full(parsed.GetValue(CommonOptions.Tokenizer)));
        var artifacts = method as ArtifactsOptions;
        yield return (Artifacts.Name, artifacts?.Folder);
        yield return (Method.Name, artifacts is null ? method.Method : null);
        yield return (Set.Name, Settings(method));
        foreach (var option in TaskOptionSet.Values(parsed))
            yield return option;
        yield return (Train.Name, Full(parsed.GetValue(Train)));
        yield return (Dev.Name, Full(parsed.GetValue(Dev)));
        yield return (Cache.Name, Full(parsed.GetValue(Cache)));
        yield return (Out.Name, Full(folder));
        yield return (CommonOptions.MaxLength.Name, parsed.GetValue(CommonOptions.MaxLength));
        yield return (CommonOptions.DType.Name, parsed.GetValue(CommonOptions.DType));
        yield return (CommonOptions.Keep.Name, parsed.GetValue(CommonOptions.Keep));
        foreach (var option in TrainingOptionSet.Values(training))
            yield return option;
        yield return (CommonOptions.Seed.Name, training.Seed);
        yield return (Track.Name, parsed.GetValue(Track));
        yield return (CommonOptions.Provider.Name, CommonOptions.Execution(parsed).EffectiveProvider);
        yield return (CommonOptions.Device.Name, parsed.GetResult(CommonOptions.Device) is { Implicit: false } ? parsed.GetValue(CommonOptions.Device) : null);
        yield return (CommonOptions.ProviderOption.Name, parsed.GetValue(CommonOptions.ProviderOption) is { Length: > 0 } settings ? settings : null);
        yield return (CommonOptions.Compiled.Name, Full(parsed.GetValue(CommonOptions.Compiled)));
        yield return (CommonOptions.Threads.Name, CommonOptions.Execution(parsed).EffectiveThreads);
        yield return (CommonOptions.Text.Name, columns.Text);
        yield return (CommonOptions.TextPair.Name, columns.TextPair);
        yield return (CommonOptions.Image.Name, columns.Image);
        yield return (CommonOptions.White.Name, columns.White);
        yield return (CommonOptions.SkipBad.Name, parsed.GetValue(CommonOptions.SkipBad));
        yield return (CommonOptions.Label.Name, columns.Label);
        yield return (CommonOptions.Tokens.Name, columns.Tokens);
        yield return (CommonOptions.Tags.Name, columns.Tags);
        yield return (CommonOptions.Weight.Name, columns.Weight);
        yield return (CommonOptions.Id.Name, columns.Id);

        static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
    }
}
