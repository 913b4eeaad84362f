using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft compile`: the frozen graph as the runtime optimises it for a device, kept for later starts.</summary>
static class CompileVerb
{
    static readonly Argument<string> Model = new("MODEL") { Description = CommonOptions.Model.Description };
    static readonly Option<string> Out = new("--out") { Description = $"Folder for compiled graphs; several may share one. {CompiledGraph.DefaultFolder} beside the model is used unasked.", HelpName = "FOLDER", Required = true };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("compile", "Keeps a model's graph as the runtime optimises it for a device, so that later starts are quicker.", """
            Example:
              ortpeft compile onnx-models/all-minilm-l6-v2 --provider cpu --out compiled
              ortpeft cache --model onnx-models/all-minilm-l6-v2 --data mails.jsonl --compiled compiled
            """, Model, Out, CommonOptions.At, CommonOptions.Tokenizer);
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var execution = CommonOptions.Execution(parsed, output);
        execution.Validate();
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var result = GraphCompiler.Compile(backbone, parsed.GetValue(Out)!, parsed.GetValue(CommonOptions.At) ?? FeatureSite.LastHiddenState, execution, cancellationToken);
        output.Result(new
        {
            Provider = execution.EffectiveProvider,
            result.Device,
            OnnxRuntime = OrtSession.Version,
            result.Folder,
            result.Files,
            result.Bytes,
            result.SecondsBefore,
            result.SecondsAfter,
            result.MaxAbsError,
        }, console =>
        {
            console.WriteLine($"Compiled for {execution.EffectiveProvider} ({result.Device}), ONNX Runtime {OrtSession.Version}: {result.Files[0]}, {Measures.Bytes(result.Bytes)} with its weights.");
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Start-up: {result.SecondsBefore * 1000:F0} ms before, {result.SecondsAfter * 1000:F0} ms now. Largest difference of a value: {result.MaxAbsError:G3}."));
            console.WriteLine($"Folder: {result.Folder}. Use it with --compiled.");
        });
        return CommandLine.Done;
    }
}
