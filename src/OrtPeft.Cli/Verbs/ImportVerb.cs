using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft import`: an adapter of Hugging Face's peft as one of ours.</summary>
static class ImportVerb
{
    static readonly Argument<string> Folder = new("FOLDER") { Description = "Folder that peft saved: adapter_config.json and adapter_model.safetensors." };
    static readonly Option<string> Model = new("--model") { Description = "The adapter's model as an ONNX file: model folder or .onnx file.", HelpName = "PATH", Required = true };
    static readonly Option<string> Out = new("--out") { Description = "Folder for the adapter.", HelpName = "FOLDER", Required = true };
    static readonly Option<string?> Labels = new("--labels") { Description = "The labels in the order of the scores, with commas between; default: LABEL_0, LABEL_1, ...", HelpName = "NAMES" };
    static readonly Option<bool> NoHead = new("--no-head") { Description = "Import the encoder part alone: --out becomes a model folder with the adapter in the weights." };
    static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace what is in --out." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("import", "Reads an adapter of Hugging Face's peft (LoRA, IA3, prefix tuning, prompt tuning, LayerNorm tuning).", """
            Examples:
              ortpeft import peft/mails --model MODEL --labels ham,spam --out adapters/mails
              ortpeft import peft/mails --model MODEL --no-head --out models/mails
            """,
            Folder, Model, CommonOptions.Tokenizer, Out, Labels, NoHead, Overwrite);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var output = new Output(parsed);
        var (folder, target, noHead) = (parsed.GetValue(Folder)!, parsed.GetValue(Out)!, parsed.GetValue(NoHead));
        if (noHead && parsed.GetValue(Labels) is not null)
            throw new OrtPeftException("--labels and --no-head are both given; labels belong to a head.");
        CommonOptions.CheckFolder(target, noHead ? ["model.onnx"] : [Adapter.InfoFile], parsed.GetValue(Overwrite));
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        if (noHead)
        {
            var files = PeftAdapter.Fuse(folder, backbone, target);
            output.Result(new { Files = files }, console => console.WriteLine($"Model: {target}. Train heads and methods on it as on any other."));
            return CommandLine.Done;
        }
        var adapter = PeftAdapter.Load(folder, backbone, parsed.GetValue(Labels)?.Split(',', StringSplitOptions.TrimEntries));
        adapter.Save(target);
        var info = adapter.Info;
        output.Result(new { info.Method, info.Options, Task = info.Task!.Name, info.Labels, info.TrainableParameters, info.MaxLength, Adapter = target }, console =>
        {
            console.WriteLine($"{TuningMethods.RowOf(info.Method).DisplayName}, {Measures.Count(info.TrainableParameters, "value")}, task {info.Task.Name}{(info.Labels.Count > 0 ? $" with the labels {string.Join(", ", info.Labels)}" : "")}.");
            console.WriteLine($"Adapter: {target}");
        });
        return CommandLine.Done;
    }
}
