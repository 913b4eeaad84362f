using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft train`: trains a head on cached features and writes the adapter.</summary>
static class TrainVerb
{
    static readonly Option<string> Model = new("--model") { Description = CommonOptions.Model.Description, HelpName = "PATH", Required = true };
    internal static readonly Option<string> Method = new("--method") { Description = $"Method: {string.Join(" or ", TuningMethods.Table.Keys)}.", HelpName = "NAME", DefaultValueFactory = _ => YTuningOptions.Name };
    static readonly Option<string?> Artifacts = new("--artifacts") { Description = "Instead of --method: folder of ONNX Runtime training artifacts to train; their optimizer, weight decay and clipping count.", HelpName = "FOLDER" };
    static readonly Option<string> Engine = CommonOptions.Choice("--engine", "What runs the steps: standard ONNX Runtime, or its training runtime where the process has it", TrainingEngines.Graph, TrainingEngines.OrtTraining);
    static readonly Option<string> Task = new("--task") { Description = $"What is learned: auto (found from the labels) or {string.Join(", ", LearningTasks.Table.Keys)}.", HelpName = "NAME", DefaultValueFactory = _ => LearningTasks.Auto };
    static readonly Option<string?> Levels = new("--levels") { Description = "Ordinal: the levels from lowest to highest, joined by commas; default: by number, or by name.", HelpName = "A,B,C" };
    static readonly Option<string> ClassWeights = CommonOptions.Choice("--class-weights", "Weight of the labels; balanced lets each count as much as every other", Weights.None, Weights.Balanced);
    static readonly Option<string?> Loss = new("--loss") { Description = $"Loss: {string.Join(", ", Losses.Table.Keys)}; default: what suits task and method.", HelpName = "NAME" };
    static readonly Option<double> LabelSmoothing = CommonOptions.Number("--label-smoothing", "Cross-entropy: share of the probability that all labels get alike.", 0);
    static readonly Option<double> FocalGamma = CommonOptions.Number("--focal-gamma", "Focal loss: how much less well-recognised examples count.", 2);
    static readonly Option<string> Train = new("--train") { Description = "Labelled training data: .jsonl, .csv, .tsv or .conll, also .gz.", HelpName = "FILE", Required = true };
    static readonly Option<string?> Dev = new("--dev") { Description = "Labelled data that choose the best epoch; default: a tenth of the training data is held back.", HelpName = "FILE" };
    static readonly Option<string> Out = new("--out") { Description = "Folder for the adapter, run.json, metrics and report.", HelpName = "FOLDER", Required = true };
    static readonly Option<string> Cache = new("--cache") { Description = "Feature cache folder, filled when needed.", HelpName = "FOLDER", DefaultValueFactory = _ => "features" };
    internal static readonly Option<string[]> Set = new("--set") { Description = "Option of the method, see below. May be given several times.", HelpName = "OPTION=VALUE" };
    static readonly Option<string[]> Track = new("--track") { Description = "Who else follows the run: mlflow=http://SERVER:PORT/EXPERIMENT or tensorboard=FOLDER. May be given several times.", HelpName = "NAME=WHERE" };
    static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the unfinished run in --out." };
    static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace the adapter of another run in --out." };

    static readonly TrainingOptions Defaults = new();
    static readonly Option<int?> Epochs = new("--epochs") { Description = "Passes over the training data at most; default: the method's.", HelpName = "N" };
    static readonly Option<int?> BatchSize = new("--batch-size") { Description = "Examples a step; default: the method's.", HelpName = "N" };
    static readonly Option<double?> LearningRate = CommonOptions.Number("--learning-rate", "Peak learning rate; default: the method's.");
    static readonly Option<string> Schedule = new("--schedule") { Description = "Learning rate over the run: linear, cosine or polynomial (to zero), constant, plateau (halved when the dev metric stands still), each after the warm-up; one-cycle.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.Schedule };
    static readonly Option<double> Warmup = CommonOptions.Number("--warmup", "Share of all steps in which the learning rate rises to its peak.", Defaults.Warmup);
    static readonly Option<string> Optimizer = new("--optimizer") { Description = $"Optimizer: {string.Join(", ", Optimizers.Table.Keys)}.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.Optimizer };
    static readonly Option<double?> WeightDecay = CommonOptions.Number("--weight-decay", "Decoupled weight decay; default: the method's.");
    static readonly Option<double> Clip = CommonOptions.Number("--clip", "Largest norm of the whole gradient; 0 switches clipping off.", Defaults.Clip);
    static readonly Option<double> ClipValue = CommonOptions.Number("--clip-value", "Largest entry of a gradient, before --clip; 0 switches it off.", Defaults.ClipValue);
    static readonly Option<int> MicroBatch = new("--micro-batch") { Description = "Examples computed at once at most; larger batches are added up from such parts; 0 chooses by length.", HelpName = "N" };
    static readonly Option<double> Ema = CommonOptions.Number("--ema", "Decay of a moving average of the trained values, which is then what is kept; 0 keeps none.", Defaults.Ema);
    static readonly Option<int> AverageBest = new("--average-best") { Description = "Best epochs to average at the end, if that is as good on the dev part.", HelpName = "N", DefaultValueFactory = _ => Defaults.AverageBest };
    static readonly Option<int?> Patience = new("--patience") { Description = "Epochs without a better dev metric after which training ends; 0 never; default: the method's.", HelpName = "N" };
    static readonly Option<string> SelectBy = new("--select-by") { Description = "Metric that chooses the best epoch on the dev part; default: the task's, such as macroF1.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.SelectBy };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("train", "Trains a head on the cached features of a frozen model and writes an adapter.", Examples(),
            Model, CommonOptions.Tokenizer, Method, Set, Artifacts, Engine, Task, Levels, ClassWeights, Loss, LabelSmoothing, FocalGamma, Train, Dev, Out, Cache, CommonOptions.MaxLength, CommonOptions.DType, CommonOptions.Keep, Epochs, BatchSize, LearningRate, Schedule,
            Warmup, Optimizer, WeightDecay, Clip, ClipValue, MicroBatch, Ema, AverageBest, Patience, SelectBy, CommonOptions.Seed, Track, Resume, Overwrite,
            CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Label, CommonOptions.Tokens, CommonOptions.Tags, CommonOptions.Weight, CommonOptions.Id);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var folder = parsed.GetValue(Out)!;
        var method = MethodOf(parsed);
        var columns = CommonOptions.Columns(parsed);
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var train = TextData.Load(parsed.GetValue(Train)!, columns);
        var dev = parsed.GetValue(Dev) is { } path ? TextData.Load(path, columns) : null;
        var tuner = Tuner.For(backbone).With(method).With(TaskOptions(parsed)).With(Options(parsed)).With(CommonOptions.Features(parsed)).With(CommonOptions.Execution(parsed))
            .CacheIn(parsed.GetValue(Cache)!).SaveIn(folder, parsed.GetValue(Resume), parsed.GetValue(Overwrite)).TrackWith(parsed.GetValue(Track) ?? []);
        var run = new TuningRun(tuner, train, dev);
        if (parsed.GetValue(Resume) && !Directory.Exists(Checkpoint.FolderOf(folder)))
            output.Say($"There is no unfinished run in '{folder}': the training begins anew.");
        RunFile.Write(folder, RunOptions(parsed, method, run.Training));
        var display = new TuningDisplay(output);
        var tuned = await display.ShowAsync(() => run.FitAsync(display, cancellationToken)).ConfigureAwait(false);
        tuned.Save(folder);
        TuningReport.Write(folder, backbone, tuned);
        output.Result(new
        {
            Task = tuned.Dev.Task,
            tuned.Adapter.Info.Method,
            tuned.Adapter.Info.TrainableParameters,
            tuned.Epochs,
            tuned.Best,
            Trials = tuned.Trials.Count > 0 ? tuned.Trials : null,
            Adapter = folder,
            Cache = tuned.Features.Folder,
            tuned.TrainSeconds,
            CacheSeconds = tuned.Features.Seconds,
            CacheReused = tuned.Features.Computed == 0,
            tuned.ForwardPassesSaved,
            tuned.Provider,
            Threads = CommonOptions.Execution(parsed).EffectiveThreads,
            tuned.Training.Seed,
            tuned.Features.Notices,
            tuned.Warning,
        }, console => Show(console, folder, tuned, CommonOptions.Where(parsed)));
        return CommandLine.Done;
    }

    static MethodOptions MethodOf(ParseResult parsed)
    {
        var settings = parsed.GetValue(Set) ?? [];
        if (parsed.GetValue(Artifacts) is not { } folder)
            return TuningMethods.Parse(parsed.GetValue(Method)!, settings);
        if (parsed.GetResult(Method) is { Implicit: false })
            throw new OrtPeftException("--method and --artifacts are both given; the artifacts are the method. Give one of the two.");
        return ((ArtifactsOptions)TuningMethods.Parse(ArtifactsOptions.Name, [.. settings, $"folder={folder}"])).Resolve();
    }

    static void Show(IAnsiConsole console, string folder, TunedModel tuned, string where)
    {
        var info = tuned.Adapter.Info;
        console.WriteLine($"{info.Method}: {Measures.Count(info.TrainableParameters)} trained parameters, {Measures.Count(tuned.Epochs.Count, "epoch")} in {Measures.Seconds(tuned.TrainSeconds)} {where}; " +
            $"{Measures.Count(Math.Max(0, tuned.ForwardPassesSaved))} forward passes of the backbone saved by the cache.");
        var metrics = tuned.Dev.Metrics.Values.Select((m, i) => $"{(i == 0 ? "dev " : "")}{Metrics.Speak(m.Key)} {MetricsView.Value(m.Key, m.Value)}");
        console.WriteLine($"Best epoch {tuned.Best.Epoch}: {string.Join(", ", metrics)}.");
        var by = tuned.Training.SelectBy;
        if (tuned.Trials.Count > 0)
            console.WriteLine($"Tried on the dev part: {string.Join("; ", tuned.Trials.Select(t => $"{t.Name}: {Metrics.Speak(by)} {MetricsView.Value(by, t.Metrics[by])}"))}.");
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

    static IEnumerable<string> Settings(MethodOptions method) => TuningMethods.ToJson(method).AsObject().Select(o => $"{o.Key}={o.Value}");

    static TaskOptions TaskOptions(ParseResult parsed) => new()
    {
        Task = parsed.GetValue(Task)!,
        Levels = parsed.GetValue(Levels)?.Split(',', StringSplitOptions.TrimEntries),
        ClassWeights = parsed.GetValue(ClassWeights)!,
        Loss = new LossOptions { Name = parsed.GetValue(Loss), LabelSmoothing = parsed.GetValue(LabelSmoothing), FocalGamma = parsed.GetValue(FocalGamma) },
    };

    static TrainingOptions Options(ParseResult parsed) => new()
    {
        Epochs = parsed.GetValue(Epochs),
        BatchSize = parsed.GetValue(BatchSize),
        LearningRate = parsed.GetValue(LearningRate),
        Schedule = parsed.GetValue(Schedule)!,
        Warmup = parsed.GetValue(Warmup),
        Optimizer = parsed.GetValue(Optimizer)!,
        Engine = parsed.GetValue(Engine)!,
        WeightDecay = parsed.GetValue(WeightDecay),
        Clip = parsed.GetValue(Clip),
        ClipValue = parsed.GetValue(ClipValue),
        MicroBatch = parsed.GetValue(MicroBatch),
        Ema = parsed.GetValue(Ema),
        AverageBest = parsed.GetValue(AverageBest),
        Patience = parsed.GetValue(Patience),
        SelectBy = parsed.GetValue(SelectBy)!,
        Seed = parsed.GetValue(CommonOptions.Seed),
    };

    /// <summary>Every option with its value in this run; paths are absolute, so that the file can be run from anywhere.</summary>
    static IEnumerable<(string, object?)> RunOptions(ParseResult parsed, MethodOptions method, TrainingOptions training)
    {
        var columns = CommonOptions.Columns(parsed);
        yield return (Model.Name, Full(parsed.GetValue(Model)));
        yield return (CommonOptions.Tokenizer.Name, Full(parsed.GetValue(CommonOptions.Tokenizer)));
        var artifacts = method as ArtifactsOptions;
        yield return (Artifacts.Name, artifacts?.Folder);
        yield return (Method.Name, artifacts is null ? method.Method : null);
        yield return (Set.Name, Settings(method));
        yield return (Engine.Name, training.Engine);
        yield return (Task.Name, parsed.GetValue(Task));
        yield return (Levels.Name, parsed.GetValue(Levels));
        yield return (ClassWeights.Name, parsed.GetValue(ClassWeights));
        yield return (Loss.Name, parsed.GetValue(Loss));
        yield return (LabelSmoothing.Name, parsed.GetValue(LabelSmoothing));
        yield return (FocalGamma.Name, parsed.GetValue(FocalGamma));
        yield return (Train.Name, Full(parsed.GetValue(Train)));
        yield return (Dev.Name, Full(parsed.GetValue(Dev)));
        yield return (Cache.Name, Full(parsed.GetValue(Cache)));
        yield return (Out.Name, Full(parsed.GetValue(Out)));
        yield return (CommonOptions.MaxLength.Name, parsed.GetValue(CommonOptions.MaxLength));
        yield return (CommonOptions.DType.Name, parsed.GetValue(CommonOptions.DType));
        yield return (CommonOptions.Keep.Name, parsed.GetValue(CommonOptions.Keep));
        yield return (Epochs.Name, training.Epochs);
        yield return (BatchSize.Name, training.BatchSize);
        yield return (LearningRate.Name, training.LearningRate);
        yield return (Schedule.Name, training.Schedule);
        yield return (Warmup.Name, training.Warmup);
        yield return (Optimizer.Name, training.Optimizer);
        yield return (WeightDecay.Name, training.WeightDecay);
        yield return (Clip.Name, training.Clip);
        yield return (ClipValue.Name, training.ClipValue);
        yield return (MicroBatch.Name, training.MicroBatch);
        yield return (Ema.Name, training.Ema);
        yield return (AverageBest.Name, training.AverageBest);
        yield return (Patience.Name, training.Patience);
        yield return (SelectBy.Name, training.SelectBy);
        yield return (CommonOptions.Seed.Name, training.Seed);
        yield return (Track.Name, parsed.GetValue(Track));
        yield return (CommonOptions.Provider.Name, CommonOptions.Execution(parsed).EffectiveProvider);
        yield return (CommonOptions.Threads.Name, CommonOptions.Execution(parsed).EffectiveThreads);
        yield return (CommonOptions.Text.Name, columns.Text);
        yield return (CommonOptions.TextPair.Name, columns.TextPair);
        yield return (CommonOptions.Label.Name, columns.Label);
        yield return (CommonOptions.Tokens.Name, columns.Tokens);
        yield return (CommonOptions.Tags.Name, columns.Tags);
        yield return (CommonOptions.Weight.Name, columns.Weight);
        yield return (CommonOptions.Id.Name, columns.Id);

        static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
    }
}
