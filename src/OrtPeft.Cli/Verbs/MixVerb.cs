using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft mix`: several adapters as one.</summary>
static class MixVerb
{
    static readonly Argument<string[]> Folders = new("ADAPTER") { Description = "Folders of adapters of one method, backbone and task.", Arity = new ArgumentArity(2, 100) };
    static readonly Option<string> Weights = new("--weights") { Description = "A weight for each, with commas between; a negative one subtracts.", HelpName = "W,W", Required = true };
    static readonly Option<string> Out = new("--out") { Description = "Folder for the mixed adapter.", HelpName = "FOLDER", Required = true };
    static readonly Option<string?> Model = new("--model") { Description = "The adapters' backbone, when it is no longer where it was.", HelpName = "PATH" };
    static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace what is in --out." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("mix", "Makes one adapter of several: their weighted mean, or task arithmetic.", """
            Example:
              ortpeft mix adapters/a adapters/b --weights 0.7,0.3 --out adapters/mixed
            """, Folders, Weights, Out, Model, Overwrite);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var (folders, target) = (parsed.GetValue(Folders)!, parsed.GetValue(Out)!);
        CommonOptions.CheckFolder(target, [Adapter.InfoFile], parsed.GetValue(Overwrite));
        var weights = parsed.GetValue(Weights)!.Split(',').Select(w => double.TryParse(w, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && double.IsFinite(weight)
            ? weight
            : throw new OrtPeftException($"--weights: '{w}' is not a number.")).ToArray();
        var mixed = AdapterMix.Of(folders, weights, parsed.GetValue(Model));
        mixed.Save(target);
        new Output(parsed).Result(new { mixed.Info.Method, mixed.Info.TrainableParameters, Weights = weights, Adapter = target }, console =>
            console.WriteLine($"Adapter: {target} ({Measures.Count(mixed.Info.TrainableParameters, "value")}). Measure it before you use it: `ortpeft eval {target} --data ...`."));
        return CommandLine.Done;
    }
}
