using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft export`: an adapter as files that other programs read.</summary>
static class ExportVerb
{
    const string Onnx = "onnx", OrtTraining = "ort-training", Peft = "peft", OnnxAdapter = "onnx-adapter";

    static readonly ArtifactOptimizer Defaults = new();
    static readonly Argument<string> Folder = new("ADAPTER") { Description = "Folder of a trained adapter." };
    static readonly Option<string> Format = CommonOptions.Choice("--format", "One ONNX model from token ids to scores, the four files that ONNX Runtime training trains, a folder for Hugging Face's peft, or a model with an adapter file for ONNX Runtime", Onnx, OrtTraining, Peft, OnnxAdapter);
    static readonly Option<string> Out = new("--out") { Description = "Folder for the files.", HelpName = "FOLDER", Required = true };
    static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace the files of an earlier export in --out." };
    static readonly Option<string?> Model = new("--model") { Description = "The adapter's backbone, when it is no longer where it was.", HelpName = "PATH" };
    static readonly Option<string> Optimizer = CommonOptions.Choice("--optimizer", "ort-training: optimizer of the further training", "adamw", "sgd");
    static readonly Option<double> WeightDecay = CommonOptions.Number("--weight-decay", "ort-training: decoupled weight decay of adamw.", 0.01);
    static readonly Option<double> Clip = CommonOptions.Number("--clip", "ort-training: largest norm of the whole gradient; 0 clips nothing.", Defaults.Clip);

    internal static Command Command()
    {
        var command = CommonOptions.Verb("export", "Writes an adapter as files that other programs read; runs them and compares before it says that they are done.", """
            Examples:
              ortpeft export adapters/mails --format onnx --out exported/mails
              ortpeft export adapters/mails --format ort-training --out artifacts/mails
              ortpeft export adapters/mails --format peft --out peft/mails
            """,
            Folder, Format, Out, Overwrite, Model, Optimizer, WeightDecay, Clip);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var output = new Output(parsed);
        var (format, folder) = (parsed.GetValue(Format)!, parsed.GetValue(Out)!);
        var optimizer = OptimizerOf(parsed);
        CommonOptions.CheckFolder(folder, format switch { OrtTraining => OrtArtifacts.Files, Peft => PeftExport.Files, _ => ["model.onnx"] }, parsed.GetValue(Overwrite));
        var export = AdapterExport.Open(parsed.GetValue(Folder)!, parsed.GetValue(Model));
        var result = format switch
        {
            OrtTraining => export.ToOrtTraining(folder, optimizer),
            Peft => export.ToPeft(folder),
            OnnxAdapter => export.ToOnnxAdapter(folder),
            _ => export.ToOnnx(folder),
        };
        var bytes = result.Files.Sum(f => new FileInfo(f).Length);
        output.Result(new { Format = format, result.Files, Bytes = bytes, result.MaxAbsError }, console =>
        {
            foreach (var file in result.Files)
                console.WriteLine($"{file} ({Measures.Bytes(new FileInfo(file).Length)})");
            console.WriteLine($"{(format == Peft ? "Read" : "Run")} again and compared with the adapter: largest difference {result.MaxAbsError.ToString("E1", System.Globalization.CultureInfo.InvariantCulture)}.");
        });
        return CommandLine.Done;
    }

    static ArtifactOptimizer OptimizerOf(ParseResult parsed)
    {
        var adamW = parsed.GetValue(Optimizer) == "adamw";
        var (decay, clip) = (parsed.GetValue(WeightDecay), parsed.GetValue(Clip));
        if (!(decay is >= 0 and <= 10))
            throw new OrtPeftException(FormattableString.Invariant($"--weight-decay is {decay}; expected 0 to 10."));
        if (!(clip is >= 0 and <= 1e9))
            throw new OrtPeftException(FormattableString.Invariant($"--clip is {clip}; expected 0 to 1000000000."));
        if (!adamW && parsed.GetResult(WeightDecay) is { Implicit: false } && decay > 0)
            throw new OrtPeftException("--weight-decay: ONNX Runtime training's sgd has none. Leave it out, or take --optimizer adamw.");
        return Defaults with { IsAdamW = adamW, WeightDecay = adamW ? (float)decay : 0, Clip = (float)clip };
    }
}
