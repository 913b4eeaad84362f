using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft merge`: several adapters of one backbone as one model with an input `task_id`.</summary>
static class MergeVerb
{
    static readonly Argument<string[]> Folders = new("ADAPTER") { Description = "Folders of trained adapters of one backbone. Their order gives the task ids: 0, 1, ...", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string> Out = new("--out") { Description = "Folder for the files.", HelpName = "FOLDER", Required = true };
    static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace the files of an earlier merge in --out." };
    static readonly Option<string?> Model = new("--model") { Description = "The adapters' backbone, when it is no longer where it was.", HelpName = "PATH" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("merge", "Writes several adapters of one backbone as one ONNX model: rows of different tasks stand in one batch, an input task_id says which is which. Runs it and compares before it says that it is done.", """
            Example:
              ortpeft merge adapters/mails adapters/topics --out merged
            """,
            Folders, Out, Overwrite, Model);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var output = new Output(parsed);
        var folder = parsed.GetValue(Out)!;
        CommonOptions.CheckFolder(folder, ["model.onnx"], parsed.GetValue(Overwrite));
        var result = AdapterMerge.Open(parsed.GetValue(Folders)!, parsed.GetValue(Model)).ToOnnx(folder);
        output.Result(result, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("task_id", "name", "method", "answers");
            foreach (var task in result.Tasks)
                table.AddRow(Markup.Escape($"{task.Id}"), Markup.Escape(task.Name), task.Method, Markup.Escape(task.Labels.Count > 0 ? string.Join(", ", task.Labels) : task.Task.Name));
            console.Write(table);
            foreach (var file in result.Files)
                console.WriteLine($"{file} ({Measures.Bytes(new FileInfo(file).Length)})");
            console.WriteLine($"Run with mixed tasks and compared with each adapter alone: largest difference {result.MaxAbsError.ToString("E1", CultureInfo.InvariantCulture)}.");
        });
        return CommandLine.Done;
    }
}
